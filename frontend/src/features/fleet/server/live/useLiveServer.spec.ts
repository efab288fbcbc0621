import { effectScope } from 'vue'
import { expect, it } from 'vitest'
import type { followLive } from '@/api/live'
import { useLiveServer } from './useLiveServer'

/** How often what was missed is fetched, and the listener of the stream. */
function followed() {
  const found = { times: 0 }
  let listener!: Parameters<typeof followLive>[0]
  const hear = { sample: () => undefined, gone: () => undefined, again: () => void (found.times += 1) }
  const scope = effectScope()
  scope.run(() =>
    useLiveServer(1, hear, (given) => {
      listener = given
      return () => undefined
    }),
  )
  return { found, listener }
}

it('fetches what was missed after a stream that ended, or that may have been dead', () => {
  const { found, listener } = followed()
  listener.opened()
  expect(found.times).toBe(0)
  listener.closed()
  listener.opened()
  expect(found.times).toBe(1)
  listener.opened(true)
  expect(found.times).toBe(2)
})
