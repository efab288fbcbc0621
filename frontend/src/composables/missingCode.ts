import { h } from 'vue'
import { i18n } from '@/locales'
import { loadNotices } from './useNotice'

/** Why code can't be had: the server is away, it is of another version and names its files otherwise, or neither. */
export type Missing = 'away' | 'updated' | 'broken'

/** A part of the screen that could not be loaded. */
export interface MissingPart {
  again(): unknown
  /** Nobody wants it any more. */
  closed?(): void
  /** The page that it is, where it is one. */
  page?: string
}

const waiting: MissingPart[] = []

/** Compares the page that is served now with the one that runs. */
export async function whyMissing(): Promise<Missing> {
  const page = await fetch('/', { cache: 'no-store' }).catch(() => undefined)
  if (!page?.ok) return 'away'
  const entry = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? location.href
  return (await page.text()).includes(new URL(entry).pathname) ? 'broken' : 'updated'
}

/** Says that *part* is missing, and lets it be tried again. Of several at once it tells once. */
export async function tellMissing(part: MissingPart): Promise<void> {
  waiting.push(part)
  if (waiting.length > 1) return
  const why = await whyMissing()
  try {
    await ask(why)
  } catch {
    // Not even the notice can be loaded.
    const isAgain = window.confirm(`${i18n.global.t(`common.missing.${why}`)} ${i18n.global.t('common.action.retry')}?`)
    for (const each of waiting.splice(0)) void (isAgain ? each.again() : each.closed?.())
  }
}

async function ask(why: Missing): Promise<void> {
  const [{ ElMessage }, , { default: MissingNotice }] = await loadNotices()
  const again = () => {
    const parts = waiting.splice(0)
    notice.close()
    dropFailedStyles()
    for (const part of parts) void part.again()
  }
  const reload = () => location.assign(waiting.find((part) => part.page !== undefined)?.page ?? location.href)
  const notice = ElMessage({
    type: 'error',
    message: h(MissingNotice, { why, onAgain: again, onReload: reload }),
    duration: 0,
    showClose: true,
    onClose: () => waiting.splice(0).forEach((part) => part.closed?.()),
  })
}

/** The bundler's loader takes a style sheet that is named in the page for one that is there. */
function dropFailedStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')) if (link.sheet === null) link.remove()
}
