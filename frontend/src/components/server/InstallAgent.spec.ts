import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { anAnswer, answerBy } from '@/testing/fakeServer'

const KEY = {
  id: 9,
  name: 'web-1',
  prefix: 'mk_abc',
  server_id: 1,
  owner_id: 1,
  created_at: '2026-01-01 00:00:00',
  last_used_at: null,
  key: 'mk_abcdef',
}
const install = { address: '', sha256: 'a'.repeat(64), command: '' }

answerBy(({ url }) => anAnswer(200, url.endsWith('/install') ? install : KEY))
const { i18n, loadAllWords, showIn } = await import('@/locales')
const { default: InstallAgent } = await import('./InstallAgent.vue')

/** The page's text for a server at *address*. */
async function shown(address: string): Promise<string> {
  await showIn('en')
  await loadAllWords()
  Object.assign(install, { address, command: `curl ${address}/agent/install.sh` })
  vi.stubGlobal('location', { hostname: 'mon.example', origin: address })
  const page = mount(InstallAgent, {
    props: { serverId: 1, immediate: true },
    global: { plugins: [i18n, createPinia()] },
  })
  await flushPromises()
  vi.unstubAllGlobals()
  return page.text()
}

it('shows the command of the server, and the key apart from it', async () => {
  const text = await shown('https://mon.example')
  expect(text).toContain('curl https://mon.example/agent/install.sh')
  expect(text).toContain('mk_abcdef')
  expect(text).not.toContain('API_KEY=')
  expect(text).not.toContain('plain http')
})

it('says that a checksum over plain http protects nothing', async () => {
  expect(await shown('http://mon.example:8000')).toContain('This address is plain http')
})
