import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LiveSample } from '@/api/types'
import { aServer } from '@/testing/aServer'
import { fakeServer, shown } from '@/testing/fakeServer'
import { spaced } from '@/testing/spaced'

const server = fakeServer()
const { default: HostCard } = await import('./HostCard.vue')
const AGENT = { version: '0.1.0', os: 'Debian GNU/Linux 13 (trixie)', is_old: true }
const FACTS = {
  at: '2026-12-01 10:00:00',
  booted_at: '2026-11-30 10:00:00',
  kernel: '6.12.48',
  architecture: 'x86_64',
  cpu: 'AMD EPYC',
  cores: 8,
  memory: 16_000_000_000,
  swap: 0,
  disks: { '/': 100_000_000_000 },
}
let unmount = () => {}

async function card(agent: typeof AGENT | null, sample?: Partial<LiveSample>) {
  const { wrapper } = await shown(HostCard, {}, { server: aServer(7, { agent }), sample })
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

beforeEach(() => {
  server.answers = { 'GET /api/servers/7/facts': () => FACTS }
})
afterEach(() => unmount())

it('shows what the agent says of the host and of itself', async () => {
  const wrapper = await card(AGENT)
  const rows = wrapper.findAll('dl > div').map((row) => spaced(row.text()))
  expect(rows).toEqual([
    'SystemDebian GNU/Linux 13 (trixie)',
    'Kernel6.12.48 · x86_64',
    'ProcessorAMD EPYC · 8 cores',
    'Memory16 GB',
    'File systems/ 100 GB',
    expect.stringMatching(/^Booted.*2026/),
    'Agent0.1.0 (old)',
  ])
})

it('counts file systems beyond the sixth', async () => {
  const disks = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`/${n}`, 1000]))
  server.answers = { 'GET /api/servers/7/facts': () => ({ ...FACTS, disks }) }
  const text = (await card(null)).text()
  expect(spaced(text)).toContain('/5 1 kB, 2 more')
  expect(text).not.toContain('/6')
})

it('says that a restart is needed or was unexpected, and nothing of a host that is well', async () => {
  const ill = await card(AGENT, { recorded_at: FACTS.at, extra: { reboot_needed: 1, unexpected_restart: 0 } })
  expect(ill.text()).toContain('Reboot neededyes')
  expect(ill.text()).not.toContain('Unexpected')
})

it('is not there while nothing is known', async () => {
  server.answers = { 'GET /api/servers/7/facts': () => null }
  expect((await card(null)).find('dl').exists()).toBe(false)
})
