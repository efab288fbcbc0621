// What somebody would find cut off, broken or out of place on the page as it is now: a sentence for each.
() => {
  const found = new Set()
  const SLACK = 1.5
  const LEAST_LINE = 4
  const LONGEST_WHOLE_WORD = 24
  const LONGEST_CHINESE_LABEL = 8
  const LATIN = /[A-Za-z0-9]/
  const VALUE = /\d[\d.,]*[ \u00a0](%|ms|°C|[kMGT]?B(\/s)?)(?![\w])/g
  const LABELS = 'th, button, label, dt, h1, h2, h3, summary, [role=tab], nav a'
  const BOXES = 'td, th, button, .card, [role=dialog]'
  const CONTROLS = 'button, input, select, textarea, canvas, svg, [role=switch]'
  const LAYERS = '.el-overlay, [role=dialog], .el-popper, [popover]'
  const room = document.documentElement.clientWidth
  const front = [...document.querySelectorAll('[role=dialog]')].filter((each) => each.checkVisibility()).at(-1)
  const root = front ?? document.body

  function say(what, element, text) {
    found.add(`${what}: <${element.tagName.toLowerCase()} class="${element.className}"> “${text.trim().slice(0, 60)}”`)
  }

  function rectsOf(node, from, to) {
    const range = document.createRange()
    range.setStart(node, from)
    range.setEnd(node, to)
    return [...range.getClientRects()].filter((rect) => rect.width > 0)
  }

  /** Also what is there for screen readers alone. */
  function isHidden(element) {
    if (front === undefined && element.closest(LAYERS) !== null) return true
    if (element.closest('.skip') !== null) return true
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return true
    for (let box = element; box !== null; box = box.parentElement) {
      if (getComputedStyle(box).clipPath === 'inset(50%)' || box.clientWidth === 1) return true
    }
    return false
  }

  /** Whether all of a text that is cut can be read on hover. */
  function hasTitle(element) {
    const title = '[title]:not([title=""])'
    return element.closest(title) !== null || element.querySelector(title) !== null
  }

  function checkPlace(element, text, rects) {
    const right = Math.max(...rects.map((rect) => rect.right))
    const left = Math.min(...rects.map((rect) => rect.left))
    const bottom = Math.max(...rects.map((rect) => rect.bottom))
    const nearest = element.closest(BOXES)
    for (let box = element; box !== null && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box)
      const edge = box.getBoundingClientRect()
      const isBlock = style.display !== 'inline'
      const isOut = right > edge.right + SLACK || left < edge.left - SLACK
      const isBelow = bottom > edge.bottom + 2 * SLACK
      if (isOut && isBlock && style.overflowX !== 'visible') {
        if (/auto|scroll/.test(style.overflowX)) return say('beyond the edge of what scrolls', box, text)
        if (style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none') return say('cut', box, text)
        return hasTitle(box) || say('cut with nothing to hover on', box, text)
      }
      if (isBelow && isBlock && /hidden|clip/.test(style.overflowY)) return hasTitle(box) || say('cut below', box, text)
      const isScrolled = /auto|scroll/.test(style.overflowY)
      if (box === nearest && (isOut || (isBelow && !isScrolled))) return say('beyond its box', box, text)
      if (/auto|scroll/.test(style.overflowX)) return
    }
    if (right > room + SLACK || left < -SLACK) say('off the screen', element, text)
  }

  function isBroken(node, from, to) {
    const tops = rectsOf(node, from, to).map((rect) => rect.top)
    return tops.length > 1 && Math.max(...tops) - Math.min(...tops) > LEAST_LINE
  }

  /** Latin words anywhere; Chinese, which has no gaps to break at, where a label is too short for two lines. */
  function checkWords(node, element, text) {
    const isLabel = element.closest(LABELS) !== null
    for (const { 0: word, index } of text.matchAll(isLabel ? /\S+/g : /[\x21-\x7e]+/g)) {
      const isTooLong = LATIN.test(word) ? word.length > LONGEST_WHOLE_WORD : text.trim().length > LONGEST_CHINESE_LABEL
      if (isTooLong) continue
      const parts = isLabel ? [{ 0: word, index: 0 }] : word.matchAll(/[^/?&=,;\-]+/g)
      for (const part of parts) {
        const from = index + part.index
        if (isBroken(node, from, from + part[0].length)) say(`“${part[0]}” is broken`, element, text)
      }
    }
    for (const { 0: value, index } of text.matchAll(VALUE)) {
      if (isBroken(node, index, index + value.length)) say(`“${value}” is on two lines`, element, text)
    }
  }

  function checkControl(control) {
    const name = control.textContent || control.getAttribute('aria-label') || ''
    const { left, right, width } = control.getBoundingClientRect()
    if (width === 0) return
    if (right > room + SLACK || left < -SLACK) say('off the screen', control, name)
    for (let box = control.parentElement; box !== null; box = box.parentElement) {
      if (!/auto|scroll/.test(getComputedStyle(box).overflowX)) continue
      if (right > box.getBoundingClientRect().right + SLACK) say('beyond the edge of what scrolls', control, name)
      return
    }
  }

  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) found.add(`the page is ${page.scrollWidth - page.clientWidth} px too wide`)
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const element = node.parentElement
    if (node.data.trim() === '' || isHidden(element)) continue
    const rects = rectsOf(node, 0, node.data.length)
    if (rects.length === 0) continue
    checkPlace(element, node.data, rects)
    checkWords(node, element, node.data)
  }
  for (const control of root.querySelectorAll(CONTROLS)) if (!isHidden(control)) checkControl(control)
  // What is cut of a placeholder can't be read at all: there is nothing to hover on, and it goes when one types.
  for (const input of root.querySelectorAll('input[placeholder]')) {
    if (input.value !== '' || isHidden(input)) continue
    if (input.scrollWidth > input.clientWidth + SLACK) say('cut placeholder', input, input.placeholder)
  }
  return [...found]
}
