import type { AxiosAdapter } from 'axios'
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
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

/** A fake server. The client takes it over when it is made, so import the tested code afterwards. */
export async function fakeServer(): Promise<FakeServer> {
  vi.resetModules()
  const { default: axios, AxiosError } = await import('axios')
  const server: FakeServer = { answers: {}, asked: [] }
  const network: AxiosAdapter = async (config) => {
    const call = `${config.method?.toUpperCase()} ${config.url}`
    const body = config.data === undefined ? undefined : (JSON.parse(config.data as string) as Record<string, unknown>)
    server.asked.push([call, body])
    const answer = (status: number, msg: string, data: unknown) => ({
      status,
      statusText: '',
      headers: {},
      config,
      data: { code: status, msg, data },
    })
    try {
      const find = server.answers[call]
      if (find === undefined) throw new Refusal(404, 'not_found')
      return answer(200, 'OK', find(body ?? {}))
    } catch (raw) {
      if (!(raw instanceof Refusal)) throw raw
      throw new AxiosError(
        'bad',
        'ERR_BAD_REQUEST',
        config,
        null,
        answer(raw.status, raw.message, { reason: raw.reason, fields: raw.fields }),
      )
    }
  }
  axios.defaults.adapter = network
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
