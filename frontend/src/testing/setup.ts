import { disableAutoUnmount, enableAutoUnmount } from '@vue/test-utils'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import { loadAllWords, showIn } from '@/locales'

interface Interceptor {
  beforeAsyncRequest(given: { request: Request; window: { Response: typeof Response } }): Promise<Response>
}

/** What a spec asked of a server. There is none: a spec fakes all answers that it needs. */
const asked: string[] = []
const { settings } = (window as unknown as { happyDOM: { settings: { fetch: { interceptor: Interceptor | null } } } })
  .happyDOM
settings.fetch.interceptor = {
  async beforeAsyncRequest({ request, window: { Response } }) {
    asked.push(`${request.method} ${request.url}`)
    return new Response('', { status: 503 })
  },
}

beforeEach(async () => {
  localStorage.clear()
  await showIn('en')
  await loadAllWords()
})

/** Ends what a file began and left: files share a process. */
const { fetch: realFetch, setTimeout: realTimeout, setInterval: realInterval } = globalThis
const begun: ReturnType<typeof setTimeout>[] = []
globalThis.setTimeout = ((...given: Parameters<typeof setTimeout>) => noted(realTimeout(...given))) as typeof setTimeout
globalThis.setInterval = ((...given: Parameters<typeof setInterval>) =>
  noted(realInterval(...given))) as typeof setInterval
function noted<T extends ReturnType<typeof setTimeout>>(timer: T): T {
  begun.push(timer)
  return timer
}
afterAll(() => {
  begun.forEach(clearTimeout)
  Object.assign(globalThis, { fetch: realFetch, setTimeout: realTimeout, setInterval: realInterval })
})

disableAutoUnmount() // by the file before
enableAutoUnmount(afterEach)
afterEach(() => {
  document.body.innerHTML = ''
})
afterEach(() => expect(asked.splice(0), 'asked of a real server').toEqual([]))
