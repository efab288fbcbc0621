import { beforeEach, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { ServerQuery } from '@/api/servers'
import { useOrderedList } from '@/composables/useOrderedList'
import { freshStores } from './freshStores'
import { answerByNetwork, from, network } from './orderedServers'

const BY_NAME: ServerQuery = { sort: 'name' }
export const BY_CPU: ServerQuery = { sort: '-cpu' }

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
export const settled = () => pass(0)

/** Tells a slow network to answer the requests that came at these places. */
export async function answer(...places: number[]): Promise<void> {
  for (const place of places) network.answers[place]?.()
  await settled()
}

/** A new list for each test, of 350 servers. */
export function orderedList() {
  const { run, stop } = freshStores()

  beforeEach(() => {
    Object.assign(network, {
      lists: { '': from(1, 350), b: from(501, 520) },
      asked: [],
      brokenPages: [],
      isSlow: false,
      answers: [],
      followed: [],
    })
    answerByNetwork()
  })

  /** A list whose first page was fetched. */
  async function started(given: ServerQuery = BY_NAME) {
    const query = shallowRef(given)
    const list = run(() => useOrderedList(query))
    await settled()
    /** The ids of the fetched rows. */
    const ids = () => list.rows.value.flatMap((row) => row?.id ?? [])
    async function see(first: number, last: number): Promise<void> {
      list.see(first, last)
      await settled()
    }
    return { query, list, ids, see }
  }
  return { started, stop }
}
