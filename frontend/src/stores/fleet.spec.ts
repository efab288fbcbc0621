import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, watch } from 'vue'
import { aServer, aSilence } from '@/testing/aServer'
import { useFleet } from './fleet'

beforeEach(() => setActivePinia(createPinia()))

it('a silence that begins or ends is seen at once, on its server and its metric alone', () => {
  const fleet = useFleet()
  fleet.put(aServer(1))
  fleet.put(aServer(2))
  fleet.changeSilences([{ server_id: 1, silenced: [aSilence({ metric: 'cpu' })] }])
  expect([fleet.silencesOn(1).length, fleet.silencesOn(1, 'cpu').length, fleet.silencesOn(1, 'disk').length, fleet.silencesOn(2).length]).toEqual([1, 1, 0, 0])
  fleet.changeSilences([{ server_id: 1, silenced: [] }])
  expect(fleet.silencesOn(1)).toEqual([])
})

it('components that show the list are updated', async () => {
  const fleet = useFleet()
  fleet.put(aServer(1))
  const seen = vi.fn()
  const scope = effectScope()
  scope.run(() => watch(() => fleet.list.map((server) => server.silenced.length), seen))
  fleet.changeSilences([{ server_id: 1, silenced: [aSilence()] }])
  await nextTick()
  scope.stop()
  expect(seen).toHaveBeenCalledWith([1], [0], expect.anything())
})
