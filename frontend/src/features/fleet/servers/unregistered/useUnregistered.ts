import { computed, reactive, shallowRef } from 'vue'
import type { ApiError } from '@/api/envelope'
import { importServers, listUnregistered } from '@/api/servers'
import type { UnregisteredHost } from '@/api/types'
import { asApiError } from '@/composables/errors'
import { usePolling } from '@/composables/usePolling'
import { useQuery } from '@/composables/useQuery'
import { lineProblems } from '../import/problems'
import { serversCsv } from '../serversCsv'

const REFRESH_MS = 30_000
const SSH_PORT = 22
/** The first line of the file is its header. */
const FIRST_LINE = 2

/** Unregistered hosts, their suggested names, and their registration. */
export function useUnregistered(api = { listUnregistered, importServers }) {
  const { data, error, isLoading, reload } = useQuery((signal) => api.listUnregistered({ signal }))
  const hosts = computed(() => (data.value ?? []).map((host) => ({ ...host, id: host.ip_address })))
  const names = reactive(new Map<string, string>())
  const addresses = reactive(new Map<string, string>())
  const problems = shallowRef<Record<string, string>>({})
  const failure = shallowRef<ApiError>()
  const isSending = shallowRef(false)
  usePolling(reload, REFRESH_MS)

  const nameOf = (ip: string) => names.get(ip) ?? ip
  /** A host that reports under a name needs an address; it is found by its name. */
  const addressOf = (ip: string) => (isAddress(ip) ? ip : (addresses.get(ip) ?? '').trim())
  const isComplete = (ip: string) => nameOf(ip).trim() !== '' && addressOf(ip) !== ''

  /** Registers hosts by one import, all or none. Returns the number of new servers. */
  async function register(chosen: UnregisteredHost[], tags: string[]): Promise<number> {
    isSending.value = true
    problems.value = {}
    failure.value = undefined
    // For a host that was registered in the meantime, an import would change name and tags and unlink users.
    await reload()
    const waiting = new Set(hosts.value.map((host) => host.ip_address))
    const left = chosen.filter((host) => waiting.has(host.ip_address))
    const rows = left.map((host) => ({
      server_name: nameOf(host.ip_address),
      ip_address: addressOf(host.ip_address),
      port: SSH_PORT,
      tags,
      users: [],
    }))
    try {
      if (rows.length === 0) return 0
      const { created } = await api.importServers(new Blob([serversCsv(rows)]), false)
      await reload()
      return created
    } catch (raw) {
      failure.value = asApiError(raw)
      problems.value = problemsByAddress(failure.value.fields, left)
      return 0
    } finally {
      isSending.value = false
    }
  }

  return {
    hosts,
    error,
    isLoading,
    reload,
    names,
    nameOf,
    addresses,
    isComplete,
    problems,
    failure,
    isSending,
    register,
  }
}

/** Whether *text* is an IP address, as far as a name cannot be one. */
export function isAddress(text: string): boolean {
  return text.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
}

/** The problems by host, from the lines of the file. */
export function problemsByAddress(
  fields: Record<string, string>,
  hosts: Pick<UnregisteredHost, 'ip_address'>[],
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { line, why } of lineProblems(fields)) {
    const host = line === null ? undefined : hosts[line - FIRST_LINE]
    if (host !== undefined) found[host.ip_address] = why
  }
  return found
}
