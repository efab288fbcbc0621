import { computed, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/envelope'
import * as keys from '@/api/keys'
import type { AgentInstall, ApiKey } from '@/api/types'
import { useFleet } from '@/stores/fleet'
import { useFollowed } from '@/stores/live'
import { asApiError } from './errors'
import { usePolling } from './usePolling'

const POLL_MS = 4_000
const LONGEST_NAME = 100

/**
 * A new key for the agent of *serverId* (null: a fleet key), the install command, and the wait for the first report.
 * A server that never reported: until its first sample. Otherwise until this key is used, as an old agent may report.
 */
export function useAgentKey(
  serverId: () => number | null,
  nameOf: () => string,
  { createKey, listKeys, readInstall }: Pick<typeof keys, 'createKey' | 'listKeys' | 'readInstall'> = keys,
) {
  const fleet = useFleet()
  useFollowed(() => {
    const id = serverId()
    return id === null ? [] : [id]
  })
  const key = shallowRef<ApiKey>()
  const install = shallowRef<AgentInstall>()
  const error = shallowRef<ApiError>()
  const isMaking = shallowRef(false)
  const isUsed = shallowRef(false)
  let wasSilent = false

  const lastReport = computed(() => {
    const id = serverId()
    return id === null ? null : (fleet.liveOf(id)?.last_report_at ?? null)
  })
  const state = computed(() => (key.value === undefined ? 'none' : isUsed.value ? 'reporting' : 'waiting'))
  const poll = usePolling(lookAtKey, POLL_MS, { immediate: false })

  async function make(): Promise<void> {
    if (isMaking.value) return
    isMaking.value = true
    error.value = undefined
    wasSilent = serverId() !== null && lastReport.value === null
    try {
      install.value = await readInstall() // Before the key is created: if this fails, no key is lost.
      key.value = await createKey(nameOf().slice(0, LONGEST_NAME), serverId())
      poll.resume()
    } catch (raw) {
      error.value = asApiError(raw)
    } finally {
      isMaking.value = false
    }
  }

  function reports(): void {
    isUsed.value = true
    poll.pause()
  }

  async function lookAtKey(): Promise<void> {
    try {
      const mine = (await listKeys()).find((held) => held.id === key.value?.id)
      if (typeof mine?.last_used_at === 'string') reports()
    } catch (raw) {
      // It is asked again soon, and a lost connection is shown elsewhere.
      asApiError(raw)
    }
  }

  watch(lastReport, (at) => {
    if (key.value !== undefined && wasSilent && at !== null) reports()
  })

  return { key, install, error, isMaking, state, make }
}
