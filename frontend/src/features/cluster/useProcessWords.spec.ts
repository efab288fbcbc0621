import { expect, it } from 'vitest'
import type { ServingProcess } from '@/api/types'
import { onPage } from '@/testing/onPage'
import { useProcessWords } from './useProcessWords'

const STORE = {
  kind: 'mysql',
  version: '11.8.3-MariaDB',
  address: 'db1:3306',
  can_write: true,
  nodes: null,
  host: 'db1:3306',
  epoch: 'e',
}

function aProcess(change: Partial<ServingProcess> = {}): ServingProcess {
  return {
    process: 'abc',
    host: 'web-1',
    version: '1.0',
    started_at: null,
    last_seen_at: null,
    roles: ['serve'],
    store: STORE,
    history: null,
    ...change,
  }
}

it('says what a process does, also what only a later version knows', async () => {
  const words = (await onPage('/page', useProcessWords)).held
  expect(words.roles(aProcess({ roles: ['serve', 'seal_history', 'brew_tea'] }))).toBe(
    'Serving, Sealing history, brew_tea',
  )
})

it('names the database server once, and the size of its cluster', async () => {
  const { store } = (await onPage('/page', useProcessWords)).held
  expect(store(aProcess())).toBe('11.8.3-MariaDB · db1:3306')
  expect(store(aProcess({ store: { ...STORE, version: '8.4.0', nodes: 3 } }))).toBe('MySQL 8.4.0 · db1:3306 · 3 nodes')
  expect(
    store(aProcess({ store: { ...STORE, kind: 'sqlite', version: '3.46.1', address: '/var/lib/monitor.db' } })),
  ).toBe('SQLite 3.46.1 · /var/lib/monitor.db')
  expect(store(aProcess({ store: null }))).toBe('–')
})
