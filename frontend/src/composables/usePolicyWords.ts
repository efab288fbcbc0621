import { useI18n } from 'vue-i18n'
import type { Level, Policy } from '@/api/types'
import type { OwnField } from '@/components/policy-kinds/kind'
import { inPercent, KINDS, USUAL } from '@/components/policy-kinds/known'
import { useFormat } from './format'
import { badValue, isYesOrNo } from './metrics'
import { percent } from './percent'
import { useScopeNames } from './useScopeNames'

const LEVELS = ['warning', 'critical'] as const
const DAY = 86_400

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
    [format.metric(metric), ...(kind === USUAL ? [] : [t(`kinds.${kind}.name`)])].join(' · ')

  /** "≥ 85 %" for each level that has a threshold. An offline policy has none and is critical. */
  function limitsOf(policy: Policy): { level: Level; text: string }[] {
    if (policy.metric === 'offline') return [{ level: 'critical', text: t('policies.offline.short') }]
    const { hasThresholds, fields } = KINDS[policy.kind]
    const own = Object.fromEntries(fields.map((field) => [field.name, written(field, policy)]))
    const text = (limit: string) => t(`kinds.${policy.kind}.limit`, { ...own, limit })
    if (!hasThresholds) return [{ level: policy.level ?? 'warning', text: text('') }]
    const sign = policy.direction === 'above' ? '≥' : '≤'
    const limit = (value: number) =>
      isYesOrNo(policy.metric)
        ? format.value(policy.metric, badValue(policy.metric))
        : text(`${sign} ${format.value(policy.metric, value)}`)
    return LEVELS.flatMap((level) => (policy[level] === null ? [] : [{ level, text: limit(policy[level]) }]))
  }

  function written({ name, input }: OwnField, policy: Policy): string {
    const value = policy[name]
    if (typeof value !== 'number') return ''
    if (input === 'percent') return percent(inPercent(value))
    return format.duration(input === 'days' ? value * DAY : value)
  }

  return { scopeOf, nameOf, whatOf, limitsOf }
}
