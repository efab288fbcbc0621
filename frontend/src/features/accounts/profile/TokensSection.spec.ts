import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Sent } from '@/testing/fakeServer'
import { anAnswer, answerBy } from '@/testing/fakeServer'

const TOKEN = {
  id: 3,
  name: 'backup',
  prefix: 'mon_abcdefgh',
  scope: 'read',
  created_at: '2026-01-01 00:00:00',
  expires_at: null,
  last_used_at: null,
  last_address: null,
}
const SECRET = `mon_${'x'.repeat(43)}`
let listed: object[] = []
let asked: Sent[] = []

answerBy((request) => {
  asked.push(request)
  const { method } = request
  return anAnswer(200, method === 'POST' ? { ...TOKEN, token: SECRET } : method === 'DELETE' ? null : listed)
})
const { i18n, loadAllWords, showIn } = await import('@/locales')
const { loadNotices } = await import('@/composables/useNotice')
const { default: TokensSection } = await import('./TokensSection.vue')

async function shown(tokens: object[]) {
  listed = tokens
  const section = mount(TokensSection, { attachTo: document.body, global: { plugins: [i18n, createPinia()] } })
  await flushPromises()
  return section
}

const button = (name: string) =>
  [...document.querySelectorAll('button')].find((each) => each.textContent?.trim() === name)!
const sent = (method: string) => asked.find((request) => request.method === method)

beforeEach(async () => {
  await showIn('en')
  await loadAllWords()
  await loadNotices() // or they would load after the test
})
afterEach(() => {
  asked = []
  document.body.innerHTML = ''
})

it('says where and when each was used, and which have expired', async () => {
  const section = await shown([
    TOKEN,
    {
      ...TOKEN,
      id: 4,
      name: 'old',
      scope: 'write',
      expires_at: '2026-01-02 00:00:00',
      last_used_at: '2026-01-01 12:00:00',
      last_address: '192.0.2.7',
    },
  ])
  const [unused, old] = section.findAll('tbody tr').map((row) => row.text())
  expect(unused).toContain('mon_abcdefgh…')
  expect(unused).toContain('Read only')
  expect(unused).not.toContain('expired')
  expect(old).toContain('Read and write')
  expect(old).toContain('expired')
  expect(old).toContain('from 192.0.2.7')
  section.unmount()
})

it('shows a new one once, with an example', async () => {
  const section = await shown([])
  expect(section.text()).toContain('No personal tokens yet')
  await section.get('header button').trigger('click')
  await flushPromises()
  const name = document.querySelector<HTMLInputElement>('input[name=name]')!
  expect(button('Create').disabled).toBe(true)
  name.value = ' backup '
  name.dispatchEvent(new Event('input'))
  await flushPromises()
  document.querySelector<HTMLFormElement>('.el-dialog form')!.dispatchEvent(new Event('submit'))
  await flushPromises()
  expect(sent('POST')?.body).toEqual({
    name: 'backup',
    scope: 'read',
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string,
  })
  const dialog = document.querySelector('.el-dialog')!.textContent
  expect(dialog).toContain(SECRET)
  expect(dialog).toContain(`curl -H "Authorization: Bearer ${SECRET}"`)
  button('Close').click()
  await flushPromises()
  expect(document.body.textContent).not.toContain(SECRET)
  section.unmount()
})

it('asks before it revokes one', async () => {
  const section = await shown([TOKEN])
  await section.get('td.actions button').trigger('click')
  await flushPromises()
  expect(document.querySelector('.el-dialog')?.textContent).toContain('Revoke token backup?')
  expect(sent('DELETE')).toBeUndefined()
  document.querySelector<HTMLFormElement>('.el-dialog form')!.dispatchEvent(new Event('submit'))
  await flushPromises()
  expect(sent('DELETE')?.url).toBe('/api/tokens/3')
  section.unmount()
})
