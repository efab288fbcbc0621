import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { ApiError } from '@/api/envelope'
import type { Import, UnregisteredHost } from '@/api/types'
import { isAddress, problemsByAddress, useUnregistered } from './useUnregistered'

const HEADER = 'server_name,ip_address,port,tags,users\r\n'

function host(ip_address: string): UnregisteredHost {
  const at = '2026-01-01 00:00:00'
  return { ip_address, cpu_value: 1, memory_value: 2, disk_value: 3, reports: 4, first_seen_at: at, last_seen_at: at }
}

/** Fake server with unregistered hosts. Imported ones are registered. */
function server(...waiting: string[]) {
  const state = { waiting, files: [] as string[], error: undefined as ApiError | undefined }
  return {
    state,
    listUnregistered: () => Promise.resolve(state.waiting.map(host)),
    importServers: async (csv: Blob, dryRun: boolean): Promise<Import> => {
      if (state.error !== undefined) throw state.error
      const file = await csv.text()
      state.files.push(file)
      const added = state.waiting.filter((ip) => file.includes(`,${ip},`))
      state.waiting = state.waiting.filter((ip) => !added.includes(ip))
      return { dry_run: dryRun, created: added.length, updated: 0, unchanged: 0, lines: [] }
    },
  }
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

test.each([
  ['10.0.0.1', true],
  ['2001:db8::1', true],
  ['db-7.example', false],
  ['db-7', false],
  ['10.0.0.1.example', false],
])('%s is an address: %s', (text, is) => {
  expect(isAddress(text)).toBe(is)
})

describe('hosts that wait to be registered', () => {
  let scope = effectScope()
  beforeEach(() => {
    vi.useFakeTimers()
    setActivePinia(createPinia())
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  async function watching(api: ReturnType<typeof server>) {
    const list = scope.run(() => useUnregistered(api))!
    await pass(0)
    return list
  }
  it('keep the name that they report under, and need an address', async () => {
    const api = server('db-7.example')
    const list = await watching(api)
    expect([list.nameOf('db-7.example'), list.isComplete('db-7.example')]).toEqual(['db-7.example', false])
    list.addresses.set('db-7.example', ' 10.0.0.7 ')
    expect(list.isComplete('db-7.example')).toBe(true)
    await list.register(list.hosts.value, [])
    expect(api.state.files).toEqual([`${HEADER}db-7.example,10.0.0.7,22,,\r\n`])
  })

  const addresses = (list: ReturnType<typeof useUnregistered>) => list.hosts.value.map(({ id }) => id)

  it('are looked for every half minute', async () => {
    const api = server('10.0.0.1')
    const list = await watching(api)
    api.state.waiting = ['10.0.0.1', '10.0.0.2']
    await pass(29_000)
    expect(addresses(list)).toEqual(['10.0.0.1'])
    await pass(1_000)
    expect(addresses(list)).toEqual(['10.0.0.1', '10.0.0.2'])
  })

  it('are named by their address until somebody says otherwise', async () => {
    const list = await watching(server('10.0.0.1', '10.0.0.2'))
    list.names.set('10.0.0.2', 'db-2')
    expect(['10.0.0.1', '10.0.0.2'].map(list.nameOf)).toEqual(['10.0.0.1', 'db-2'])
  })

  it('are registered together, with the tags, and wait no longer', async () => {
    const api = server('10.0.0.1', '2001:db8::1', '10.0.0.3')
    const list = await watching(api)
    list.names.set('10.0.0.1', '=web')
    expect(await list.register([host('10.0.0.1'), host('2001:db8::1')], ['prod', 'eu'])).toBe(2)
    expect(api.state.files).toEqual([`${HEADER}'=web,10.0.0.1,22,eu;prod,\r\n2001:db8::1,2001:db8::1,22,eu;prod,\r\n`])
    expect([addresses(list), list.isSending.value]).toEqual([['10.0.0.3'], false])
  })

  it('an emptied name goes to the server as such, which says what it thinks of it', async () => {
    const api = server('10.0.0.1')
    const list = await watching(api)
    list.names.set('10.0.0.1', '')
    api.state.error = new ApiError(400, 'invalid_input', 'no', { 'line 2.server_name': 'required' })
    expect(await list.register(list.hosts.value, [])).toBe(0)
    expect([list.problems.value, list.isSending.value]).toEqual([{ '10.0.0.1': 'required' }, false])
  })

  it('one that somebody registered meanwhile is not touched again', async () => {
    const api = server('10.0.0.1', '10.0.0.2')
    const list = await watching(api)
    const chosen = list.hosts.value
    api.state.waiting = ['10.0.0.2']
    expect(await list.register(chosen, [])).toBe(1)
    expect(api.state.files).toEqual([`${HEADER}10.0.0.2,10.0.0.2,22,,\r\n`])
    expect(await list.register(chosen, [])).toBe(0)
    expect(api.state.files).toHaveLength(1)
  })

  it('a problem belongs to its host also when one before it is gone', async () => {
    const api = server('10.0.0.1', '10.0.0.2')
    const list = await watching(api)
    const chosen = list.hosts.value
    api.state.waiting = ['10.0.0.2']
    api.state.error = new ApiError(400, 'invalid_input', 'no', { 'line 2.server_name': 'taken' })
    await list.register(chosen, [])
    expect(list.problems.value).toEqual({ '10.0.0.2': 'taken' })
  })

  it('what went wrong is forgotten with the next try', async () => {
    const api = server('10.0.0.1')
    const list = await watching(api)
    api.state.error = new ApiError(503, 'unavailable', 'away')
    expect(await list.register(list.hosts.value, [])).toBe(0)
    expect([list.failure.value?.status, list.problems.value]).toEqual([503, {}])
    api.state.error = undefined
    expect(await list.register(list.hosts.value, [])).toBe(1)
    expect(list.failure.value).toBeUndefined()
  })
})

test('problems go to their hosts; those of the file, or of a line that there is not, to none', () => {
  const fields = { 'line 3.server_name': 'taken', 'line 1': 'header', 'line 9.port': 'odd', file: 'bad' }
  expect(problemsByAddress(fields, [host('10.0.0.1'), host('10.0.0.2')])).toEqual({ '10.0.0.2': 'taken' })
})
