import { vi } from 'vitest'
import { ApiError } from '@/api/envelope'
import * as live from '@/api/live'
import * as servers from '@/api/servers'
import type { BriefSample, OrderedServer } from '@/api/types'
import { aServer } from './aServer'

/** Numbers from *first* to *last*. */
export const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** Fake network: the servers in order, by the words looked for, and the pages asked for. A slow one answers when a test says so. */
export const network = {
  lists: {} as Record<string, number[]>,
  asked: [] as number[],
  brokenPages: [] as number[],
  isSlow: false,
  answers: [] as (() => void)[],
  followed: [] as number[],
}

/** Answers by it, in this test. */
export function answerByNetwork(): void {
  vi.spyOn(servers, 'listOrdered').mockImplementation(({ query }) => {
    const { q, offset, limit } = query as { q?: string; offset: number; limit: number }
    const page = offset / limit
    network.asked.push(page)
    const ids = network.lists[q ?? ''] ?? []
    const isBroken = network.brokenPages.includes(page)
    return new Promise((resolve, reject) => {
      const answer = () =>
        isBroken
          ? reject(new ApiError(503, 'unavailable', 'away'))
          : resolve({ matching: ids.length, servers: ids.slice(offset, offset + limit).map(aRow) })
      if (network.isSlow) network.answers.push(answer)
      else answer()
    })
  })
  vi.spyOn(live, 'followLive').mockImplementation((_, { serverIds = [] } = {}) => {
    network.followed = serverIds
    return () => undefined
  })
}

function aRow(id: number): OrderedServer {
  return { ...aServer(id), criticals: 0, warnings: 0, live: { server_id: id, status: 'online' } as BriefSample }
}
