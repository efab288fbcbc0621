import { h } from 'vue'
import { i18n } from '@/locales'
import { loadNotices } from './useNotice'

/** Why code was not loaded: the server cannot be reached, it has another version, or something else. */
export type Missing = 'away' | 'updated' | 'broken'

/** A part of the screen that could not be loaded. */
interface MissingPart {
  again(): unknown
  /** The user gave up. */
  closed?(): void
  /** The page, if it is one. */
  page?: string
}

const waiting: MissingPart[] = []

/** Compares the served page with the running one. */
async function whyMissing(): Promise<Missing> {
  const page = await fetch('/', { cache: 'no-store' }).catch(() => undefined)
  if (!page?.ok) return 'away'
  const entry = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? location.href
  return (await page.text()).includes(new URL(entry).pathname) ? 'broken' : 'updated'
}

/** Shows that *part* is missing, with a button to try again. Shows one notice for several parts. */
export async function tellMissing(part: MissingPart): Promise<void> {
  waiting.push(part)
  if (waiting.length > 1) return
  const why = await whyMissing()
  try {
    await ask(why)
  } catch {
    // The notice itself could not be loaded.
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

/** Vite's loader does not retry a style sheet whose link is in the page. */
function dropFailedStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]'))
    if (link.sheet === null) link.remove()
}
