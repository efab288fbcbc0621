import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { listChannels } from '@/api/admin'
import type { NewEscalation } from '@/api/oncall'
import { listRotas } from '@/api/oncall'
import { listUserOptions } from '@/api/servers'
import { listTeams } from '@/api/teams'
import { useFormat } from '@/composables/format'
import { keyOf } from '@/composables/targetKeys'
import { useQuery } from '@/composables/useQuery'
import type { TargetKind } from './escalationForm'
import { TARGET_KINDS } from './escalationForm'

/** What steps of escalations name, and escalations in words. For administrators, who see all. */
export function useNames() {
  const { t } = useI18n()
  const format = useFormat()
  const { data } = useQuery(async (signal) => {
    const asked = { signal }
    const [users, rotas, teams, channels] = await Promise.all([
      listUserOptions(asked),
      listRotas(asked),
      listTeams(asked),
      listChannels(asked),
    ])
    return {
      user_id: users.map(({ id, username }) => ({ id, name: username })),
      team_id: teams,
      rota_id: rotas,
      channel_id: channels,
    }
  })
  /** For a list to choose from, by kind. */
  const groups = computed(() =>
    TARGET_KINDS.map((kind) => ({
      value: kind,
      label: t(`oncall.target.${kind}`),
      options:
        kind === 'linked'
          ? [{ value: kind as string, label: t('oncall.target.linkedPeople') }]
          : (data.value?.[kind] ?? []).map(({ id, name }) => ({ value: `${kind}:${id}`, label: name })),
    })).filter(({ options }) => options.length > 0),
  )
  const names = computed(
    () => new Map(groups.value.flatMap(({ options }) => options.map(({ value, label }) => [value, label] as const))),
  )

  /** "ann", "rota Night", "team Web", "the linked people". */
  function targetName(key: string): string {
    const [kind = '', id] = key.split(':')
    const name = names.value.get(key)
    if (kind === 'user_id' || kind === 'linked') return name ?? `#${id}`
    return t(`oncall.target.${kind as TargetKind}Named`, { name: name ?? `#${id}` })
  }

  /** One sentence for each step, and one for the repetition. */
  function reading({ steps, repeat_after, repeats }: Omit<NewEscalation, 'name'>): string[] {
    const sentences = [...steps]
      .sort((one, other) => one.after - other.after)
      .map(({ after, to }) => {
        const who = to.map((target) => targetName(keyOf(target))).join(t('oncall.reading.and'))
        const span = format.duration(after)
        if (who === '') return t('oncall.reading.empty', { span })
        return after === 0 ? t('oncall.reading.first', { who }) : t('oncall.reading.after', { span, who })
      })
    if (!repeat_after || !repeats) return sentences
    return [...sentences, t('oncall.reading.repeat', { span: format.duration(repeat_after), n: repeats }, repeats)]
  }

  return { groups, reading }
}
