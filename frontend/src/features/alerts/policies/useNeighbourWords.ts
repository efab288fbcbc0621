import { useI18n } from 'vue-i18n'
import { useFormat } from '@/composables/format'
import type { Neighbour, Varied } from './neighbours'
import { variedBy } from './neighbours'

/** Says what the neighbours of a policy would change. */
export function useNeighbourWords() {
  const { t } = useI18n()
  const format = useFormat()
  const SPANS: Varied[] = ['sustained_for']

  function nameOf(varied: Varied): string {
    return varied === 'warning' || varied === 'critical'
      ? t(`common.level.${varied}`)
      : t(`policies.neighbours.${varied}`)
  }

  /** Values of one thing, precise enough to differ. */
  function values(metric: string, varied: Varied, amounts: (number | null)[]): string[] {
    return SPANS.includes(varied)
      ? amounts.map((amount) => format.duration(amount ?? 0))
      : format.values(metric, amounts)
  }

  /** Whether it misses what lasted. Empty if nothing lasted. */
  function losses({ long_lost, median_delay }: Neighbour): string {
    if (long_lost > 0) return t('policies.neighbours.loses', { n: long_lost }, long_lost)
    return median_delay === null ? '' : t('policies.neighbours.losesNone')
  }

  /** How much later it fires. Empty for no difference. */
  function delay({ median_delay }: Neighbour): string {
    return median_delay === null || Math.round(median_delay) === 0
      ? ''
      : t('policies.neighbours.later', { span: format.duration(median_delay) })
  }

  /** "Critical 95 % → 97 %: 12 messages instead of 85, misses none that lasted over an hour, 4 min later" */
  function sentence(metric: string, policy: Neighbour, neighbour: Neighbour): string {
    const varied = variedBy(policy, neighbour)
    if (varied === undefined) return ''
    const [from, to] = values(metric, varied, [policy[varied], neighbour[varied]])
    const effects = [
      t('policies.neighbours.messages', { n: neighbour.messages, before: policy.messages }, neighbour.messages),
      losses(neighbour),
      delay(neighbour),
    ]
    return t('policies.neighbours.sentence', {
      change: t('policies.neighbours.change', { name: nameOf(varied), from, to }),
      effects: effects.filter((effect) => effect !== '').join(t('policies.neighbours.and')),
    })
  }

  return { nameOf, values, losses, delay, sentence }
}
