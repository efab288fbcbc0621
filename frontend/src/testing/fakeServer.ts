import { mount } from '@vue/test-utils'
import { createPinia, disposePinia, setActivePinia } from 'pinia'
import { onTestFinished, vi } from 'vitest'
import type { Component } from 'vue'
import type { Profile } from '@/api/types'

/** An error that the fake server answers with. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly message = `it is ${reason}`,
    readonly fields?: Record<string, string>,
  ) {}
}

type Answer = (body: Record<string, unknown>) => unknown

/** Answers by method and path, such as `POST /api/auth/login`. Anything else is 404. */
export interface FakeServer {
  answers: Record<string, Answer>
  /** What it was sent: method, path and body. */
  asked: [string, unknown][]
}

export const aProfile = (given: Partial<Profile> = {}): Profile => ({
  id: 1,
  username: 'ann',
  role: 'admin',
  email: null,
  locale: 'en',
  alert_level: 'warning',
  quiet: null,
  away: [],
  has_default_password: false,
  has_common_password: false,
  must_change_password: false,
  has_password: true,
  has_totp: false,
  recovery_codes_left: 0,
  passkeys: 0,
  must_set_up_second_factor: false,
  fresh_until: null,
  ...given,
})

/** An answer of the server, as `fetch` returns it. */
export const anAnswer = (status: number, data: unknown, msg = '', headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ code: status, msg, data }), { status, headers })

/** A request, as the server gets it. */
export interface Sent {
  method: string
  url: string
  headers: Headers
  /** The body, or undefined. */
  body: unknown
}

/** Answers all requests of this file by *network*. */
export function answerBy(network: (request: Sent) => Response): void {
  globalThis.fetch = async (url, { method = 'GET', headers, body } = {}) => {
    const said: unknown = typeof body === 'string' ? JSON.parse(body) : (body ?? undefined)
    return network({ method, url: String(url), headers: new Headers(headers), body: said })
  }
}

/** A fake server. The client is made anew, so import the tested code afterwards. */
export function fakeServer(): FakeServer {
  vi.resetModules()
  const server: FakeServer = { answers: {}, asked: [] }
  answerBy(({ method, url, body }) => {
    const call = `${method} ${url.split('?')[0]}`
    server.asked.push([call, body])
    try {
      const find = server.answers[call]
      if (find === undefined) throw new Refusal(404, 'not_found')
      return anAnswer(200, find((body ?? {}) as Record<string, unknown>), 'OK')
    } catch (raw) {
      if (!(raw instanceof Refusal)) throw raw
      return anAnswer(raw.status, { reason: raw.reason, fields: raw.fields }, raw.message)
    }
  })
  return server
}

/** Mounts *page* for the user *profile*, or for nobody, in English. */
export async function shown(
  page: Component,
  profile: Partial<Profile> | null = {},
  props: object = {},
  plugins: object[] = [],
) {
  const { i18n, loadAllWords, showIn } = await import('@/locales')
  await showIn('en')
  await loadAllWords()
  const pinia = createPinia()
  setActivePinia(pinia)
  onTestFinished(() => disposePinia(pinia)) // its stores listen to the browser's storage, which files share
  const { useSession } = await import('@/stores/session')
  const session = useSession()
  if (profile !== null) session.user = aProfile(profile)
  const wrapper = mount(page, {
    attachTo: document.body,
    props,
    global: { plugins: [pinia, i18n, ...plugins] as never[], stubs: { RouterLink: true, transition: true } },
  })
  return { wrapper, session }
}

/** A button by its words, also in a dialog. */
export function button(words: string): HTMLButtonElement {
  const found = [...document.querySelectorAll('button')].filter((each) => each.textContent?.trim() === words).at(-1)
  if (found === undefined) throw new Error(`no button “${words}” in: ${document.body.textContent}`)
  return found
}

/** Types into the last field with this name. */
export function type(name: string, value: string): void {
  const field = [...document.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)].at(-1)
  if (field === undefined) throw new Error(`no field “${name}”`)
  field.value = value
  field.dispatchEvent(new Event('input', { bubbles: true }))
}
