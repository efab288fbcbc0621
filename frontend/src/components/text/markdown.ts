/** A little of Markdown as a tree of plain values. HTML in it stays text: nothing here or in `MarkdownText.vue` makes HTML. */

export type Inline =
  { kind: 'text' | 'code' | 'bold' | 'italic'; text: string } | { kind: 'link'; text: string; href: string }
export type Block =
  { kind: 'heading' | 'text' | 'bullets' | 'numbers'; lines: Inline[][] } | { kind: 'code'; text: string }

const FENCE = /^\s*(```|~~~)/
const HEADING = /^#{1,6}\s+(.*)$/
const BULLET = /^\s*[-*+]\s+(.*)$/
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/
const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^[\]]+)\]\(((?:https?:\/\/|mailto:)[^\s()<>"']+)\)|(https?:\/\/[^\s()<>"']+)/g

export function inlines(line: string): Inline[] {
  const parts: Inline[] = []
  let end = 0
  for (const found of line.matchAll(INLINE)) {
    if (found.index > end) parts.push({ kind: 'text', text: line.slice(end, found.index) })
    const [all, code, bold, italic, text, href, address] = found
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (bold !== undefined) parts.push({ kind: 'bold', text: bold })
    else if (italic !== undefined) parts.push({ kind: 'italic', text: italic })
    else if (text !== undefined && href !== undefined) parts.push({ kind: 'link', text, href })
    else if (address !== undefined) parts.push({ kind: 'link', text: address, href: address })
    end = found.index + all.length
  }
  if (end < line.length) parts.push({ kind: 'text', text: line.slice(end) })
  return parts
}

export function blocks(note: string): Block[] {
  const found: Block[] = []
  let isCode = false
  let isOpen = false
  for (const line of note.split('\n')) {
    if (FENCE.test(line)) {
      isCode = !isCode
      isOpen = false
      continue
    }
    if (!isCode && line.trim() === '') {
      isOpen = false
      continue
    }
    const last = isOpen ? found.at(-1) : undefined
    isOpen = true
    if (isCode) {
      if (last?.kind === 'code') last.text += `\n${line}`
      else found.push({ kind: 'code', text: line })
      continue
    }
    const [kind, text] = marked(line)
    const content = inlines(text)
    if (last !== undefined && last.kind === kind && kind !== 'heading') last.lines.push(content)
    else found.push({ kind, lines: [content] })
  }
  return found
}

function marked(line: string): ['heading' | 'text' | 'bullets' | 'numbers', string] {
  const heading = HEADING.exec(line)
  if (heading) return ['heading', heading[1]!]
  const bullet = BULLET.exec(line)
  if (bullet) return ['bullets', bullet[1]!]
  const number = NUMBER.exec(line)
  return number ? ['numbers', number[1]!] : ['text', line]
}
