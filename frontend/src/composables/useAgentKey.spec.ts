import { createPinia, setActivePinia } from 'pinia'
import { effectScope, nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/envelope'
import type { AgentInstall, ApiKey, LiveSample } from '@/api/types'
import { useFleet } from '@/stores/fleet'
import { isLoopback, runCommand } from './agentCommands'
import { useAgentKey } from './useAgentKey'

const KEY: ApiKey = {
  id: 9,
  name: 'web-1',
  prefix: 'mk_abc',
  server_id: 1,
  owner_id: 1,
  created_at: '2026-01-01 00:00:00',
  last_used_at: null,
  key: 'mk_abcdef',
}

const INSTALL: AgentInstall = {
  address: 'https://mon.example',
  sha256: 'a'.repeat(64),
  command: 'curl …',
  version: '0.1.0',
  old: 0,
}

const sample = (last_report_at: string | null) => ({ server_id: 1, status: 'online', last_report_at }) as LiveSample

function server() {
  const state = { used: null as string | null, refuses: false }
  return {
    state,
    createKey: () => (state.refuses ? Promise.reject(new ApiError(403, 'forbidden', 'no')) : Promise.resolve(KEY)),
    readInstall: () => Promise.resolve(INSTALL),
    listKeys: () => Promise.resolve([{ ...KEY, last_used_at: state.used }]),
  }
}

describe('the wait for the first report', () => {
  const scope = effectScope()
  beforeEach(() => {
    setActivePinia(createPinia())
    vi.useFakeTimers()
  })
  afterEach(() => vi.useRealTimers())
  const start = (id: number | null, api: ReturnType<typeof server>) =>
    scope.run(() =>
      useAgentKey(
        () => id,
        () => 'web-1',
        api,
      ),
    )!

  it('ends with the first sample of a server that never reported', async () => {
    const agent = start(1, server())
    await agent.make()
    expect(agent.state.value).toBe('waiting')
    useFleet().take([sample('2026-01-01 00:00:05')])
    await nextTick()
    expect(agent.state.value).toBe('reporting')
  })

  it('takes no sample of an older agent for that of the new one, and waits for the key to be used', async () => {
    useFleet().take([sample('2026-01-01 00:00:00')])
    const api = server()
    const agent = start(1, api)
    await agent.make()
    useFleet().take([sample('2026-01-01 00:00:15')])
    await nextTick()
    expect(agent.state.value).toBe('waiting')
    api.state.used = '2026-01-01 00:00:20'
    await vi.advanceTimersByTimeAsync(5_000)
    expect(agent.state.value).toBe('reporting')
  })

  it('says why no key was made', async () => {
    const api = server()
    api.state.refuses = true
    const agent = start(null, api)
    await agent.make()
    expect([agent.state.value, agent.error.value?.status]).toEqual(['none', 403])
  })

  it('makes no key where the line that installs the agent is not known', async () => {
    const api = { ...server(), readInstall: () => Promise.reject(new ApiError(503, 'busy', 'no')) }
    const agent = start(1, api)
    await agent.make()
    expect([agent.key.value, agent.error.value?.status]).toEqual([undefined, 503])
  })
})

describe('the commands', () => {
  it('hold no key', () => {
    expect(runCommand('https://mon.example:8443')).toBe(
      'API_URL=https://mon.example:8443 API_KEY_FILE=monitor-agent.key monitor agent',
    )
  })

  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['mon.example', false],
    ['10.0.0.1', false],
  ])('%s is loopback: %s', (name, is) => {
    expect(isLoopback(name)).toBe(is)
  })
})
