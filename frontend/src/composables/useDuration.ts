import { useI18n } from 'vue-i18n'

export const MINUTE = 60
export const HOUR = 3_600
export const DAY = 86_400

/** Formats durations. Apart from the other formats, which the log-in page does not need. */
export function useDuration() {
  const { t } = useI18n()

  /** Seconds in their two (or *most*) largest units: "3 d 2 h". */
  return function duration(seconds: number, most = 2): string {
    const steps: [number, string][] = [
      [DAY, 'day'],
      [HOUR, 'hour'],
      [MINUTE, 'minute'],
      [1, 'second'],
    ]
    let left = Math.max(0, Math.round(seconds))
    const parts = steps.map(([size, unit]) => {
      const n = Math.floor(left / size)
      left -= n * size
      return n > 0 ? t(`common.time.${unit}`, { n }) : ''
    })
    const first = parts.findIndex((part) => part !== '')
    const shown = parts.slice(first, first + most).filter((part) => part !== '')
    return first < 0 ? t('common.time.second', { n: 0 }) : shown.join(' ')
  }
}
