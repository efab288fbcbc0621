import { useI18n } from 'vue-i18n'
import type { Level, Policy } from '@/api/types'
import { useFormat } from './format'
import { badValue, isYesOrNo } from './metrics'
import { percent } from './percent'
import { useScopeNames } from './useScopeNames'

const LEVELS = ['warning', 'critical'] as const

/** Describes a policy in words. */
export function usePolicyWords() {
  const { t } = useI18n()
  const format = useFormat()
  const names = useScopeNames()

  const scopeOf = (policy: Policy) => format.scope(policy.scope, names)

  /** "CPU · Tag web". */
  const nameOf = (policy: Policy) => `${whatOf(policy)} · ${scopeOf(policy)}`

  /** "Disk · Forecast". */
  const whatOf = ({ metric, kind }: Pick<Policy, 'metric' | 'kind'>) =>
    [format.metric(metric), ...(kind === 'threshold' ? [] : [t(`policies.kind.${kind}`)])].join(' · ')

  /** "≥ 85 %" for each level that has a threshold. An offline policy has none and is critical. */
  function limitsOf(policy: Policy): { level: Level; text: string }[] {
    if (policy.metric === 'offline') return [{ level: 'critical', text: t('policies.offline.short') }]
    if (policy.kind === 'range')
      return [
        {
          level: policy.level ?? 'warning',
          text: t('policies.outside', {
            part: percent(Math.round((policy.beyond ?? 0) * 1e6) / 1e4),
            span: format.duration((policy.days ?? 0) * 86_400),
          }),
        },
      ]
    const sign = policy.direction === 'above' ? '≥' : '≤'
    const soon = policy.within === null ? '' : ` ${t('policies.within', { span: format.duration(policy.within) })}`
    const limit = (value: number) =>
      isYesOrNo(policy.metric)
        ? format.value(policy.metric, badValue(policy.metric))
        : `${sign} ${format.value(policy.metric, value)}${soon}`
    return LEVELS.flatMap((level) => (policy[level] === null ? [] : [{ level, text: limit(policy[level]) }]))
  }

  return { scopeOf, nameOf, whatOf, limitsOf }
}
