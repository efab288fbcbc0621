import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { getCheck, getCheckIn } from '@/api/checks'
import { asApiError } from '@/composables/errors'

type Kind = 'check' | 'check_in'
const READ = { check: getCheck, check_in: getCheckIn }

/** Names of checks and check-ins that policies and silences speak of, fetched one by one: they are few. */
export const useCheckNames = defineStore('checkNames', () => {
  const names = shallowRef(new Map<number, string>())
  const asked = new Set<number>()

  function hold(id: number, name: string): void {
    names.value = new Map(names.value).set(id, name)
  }

  async function fetchName(kind: Kind, id: number): Promise<void> {
    try {
      hold(id, (await READ[kind](id)).name)
    } catch (raw) {
      asApiError(raw) // Its number is shown.
    }
  }

  /** Undefined until it is fetched, and for one that is gone. */
  function nameOf(kind: Kind, id: number): string | undefined {
    if (id > 0 && !names.value.has(id) && !asked.has(id)) {
      asked.add(id)
      void fetchName(kind, id)
    }
    return names.value.get(id)
  }

  return { hold, nameOf }
})
