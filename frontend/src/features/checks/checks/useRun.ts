import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Check } from '@/api/checks'
import { runCheck } from '@/api/checks'
import { useFormat } from '@/composables/format'
import { useNotice } from '@/composables/useNotice'

/** Runs checks at the user's request, and says what came of it. */
export function useRun(done: (check: Check) => void) {
  const { t } = useI18n()
  const format = useFormat()
  const notice = useNotice()
  const running = shallowRef<ReadonlySet<number>>(new Set())

  function show({ name, last }: Check): void {
    if (last === null) return
    if (last.up) notice.good(t('checks.run.up', { name, time: format.value('ms', last.ms) }))
    else notice.bad(t('checks.run.down', { name, error: last.error ?? '' }))
  }

  async function run({ id }: Pick<Check, 'id'>): Promise<void> {
    if (running.value.has(id)) return
    running.value = new Set([...running.value, id])
    await notice.attempt(async () => {
      const check = await runCheck(id)
      show(check)
      done(check)
    })
    running.value = new Set([...running.value].filter((other) => other !== id))
  }

  return { run, isRunning: (id: number) => running.value.has(id) }
}
