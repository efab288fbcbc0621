import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { Alert, Status } from '@/api/types'
import { useStatusSince } from './useStatusSince'

async function since(status: Status, outages: Partial<Alert>[], lastReport: string | null = null) {
  const scope = effectScope()
  const found = scope.run(() =>
    useStatusSince(1, shallowRef(status), shallowRef(lastReport), () =>
      Promise.resolve({ items: outages as Alert[], next: null }),
    ),
  )!
  await flushPromises()
  const { value } = found
  scope.stop()
  return value
}

describe('since when a server is what it is', () => {
  const outage = { metric: 'offline', resolved_at: '2026-11-25 10:00:00' }

  it('is since its last report where it is silent', async () => {
    expect(await since('offline', [outage], '2026-11-25 11:00:00')).toBe('2026-11-25 11:00:00')
  })

  it('is since its last outage ended where it reports', async () => {
    expect(await since('online', [{ metric: 'cpu', resolved_at: '2026-11-25 12:00:00' }, outage])).toBe(
      '2026-11-25 10:00:00',
    )
  })

  it('is not known where it never failed', async () => {
    expect(await since('online', [])).toBeNull()
  })
})
