import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as keys from '@/api/keys'
import { i18n } from '@/locales'
import OldAgentsNotice from './OldAgentsNotice.vue'

const install = { address: 'https://mon.example', sha256: '', command: 'curl it', version: '0.2.0', old: 0 }

async function shown() {
  const view = mount(OldAgentsNotice, {
    global: { plugins: [i18n], stubs: { RouterLink: { template: '<a><slot /></a>' } } },
    attachTo: document.body,
  })
  await flushPromises()
  return view
}

beforeEach(() => {
  vi.spyOn(keys, 'readInstall').mockImplementation(async () => ({ ...install }))
  vi.spyOn(keys, 'listOldAgents').mockResolvedValue([
    { server_id: 7, server_name: 'web-7', version: null, os: 'Debian' },
  ])
  install.old = 0
})
afterEach(() => (document.body.innerHTML = ''))

it('says nothing while no agent is old', async () => {
  expect((await shown()).text()).toBe('')
})

it('says which agents are old and how to update one', async () => {
  install.old = 60
  const view = await shown()
  expect(view.text()).toContain('60 agents are older than 0.2.0.')
  await view.find('button').trigger('click')
  await flushPromises()
  for (const text of ['curl it', 'web-7', 'early version', 'Debian']) expect(document.body.textContent).toContain(text)
})
