import { useI18n } from 'vue-i18n'
import { useFormat } from '@/composables/format'

const SHORT = 10

/** How long a run took: "0.4 s", "3 min 20 s". */
export function useRunTime() {
  const { t } = useI18n()
  const format = useFormat()

  return (seconds: number) =>
    seconds < SHORT ? t('common.time.second', { n: Math.round(seconds * 10) / 10 }) : format.duration(seconds)
}
