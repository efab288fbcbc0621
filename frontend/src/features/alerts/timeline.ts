import type { IncidentEntry } from '@/api/incidents'
import type { AlertDetail, ComingNotification, TimelineEntry } from '@/api/types'

/** A user by e-mail address, or a channel by name. *channel*: empty for another person's way, which is not shown. */
export interface Recipient {
  username: string | null
  address: string | null
  channel: string
}

/** One event. *recipients*: those with the same delivery within a minute. */
export interface Step {
  /** `began`: the first sample that crossed the threshold. */
  entry: Omit<TimelineEntry, 'event'> & { event: TimelineEntry['event'] | 'began' }
  recipients: Recipient[]
  /** In the timeline of an incident: the alerts to which it happened. */
  alerts?: Pick<IncidentEntry, 'alert_id' | 'server_name' | 'metric'>[]
}

const TOGETHER_MS = 60_000

/** Oldest first. Forty notified recipients make one entry. */
export function stepsOf({ started_at, timeline }: Pick<AlertDetail, 'started_at' | 'timeline'>): Step[] {
  const steps: Step[] = [{ entry: { at: started_at, event: 'began' }, recipients: [] }]
  for (const entry of timeline) {
    const before = steps.at(-1)
    const recipients = recipientsOf(entry)
    const continues =
      before?.entry.event === entry.event &&
      before.entry.note === entry.note &&
      recipients.length > 0 &&
      timeOf(entry) - timeOf(before.entry) <= TOGETHER_MS
    if (continues) addTo(before.recipients, recipients)
    else steps.push({ entry, recipients })
  }
  return steps
}

/** Those of an incident, oldest first: what happens to several alerts within a minute is one. */
export function incidentStepsOf(entries: IncidentEntry[]): Step[] {
  const steps: Required<Step>[] = []
  const newest = new Map<string, Required<Step>>()
  for (const entry of entries) {
    const kind = [entry.event, entry.level, entry.note, recipientsOf(entry).length > 0 || entry.username].join('|')
    let step = newest.get(kind)
    if (step === undefined || timeOf(entry) - timeOf(step.entry) > TOGETHER_MS) {
      step = { entry, recipients: [], alerts: [] }
      newest.set(kind, step)
      steps.push(step)
    }
    const { recipients, alerts } = step
    addTo(recipients, recipientsOf(entry))
    if (!alerts.some(({ alert_id }) => alert_id === entry.alert_id)) alerts.push(entry)
  }
  return steps
}

function addTo(known: Recipient[], more: Recipient[]): void {
  const written = (each: Recipient) => JSON.stringify(each)
  for (const each of more) if (!known.some((other) => written(other) === written(each))) known.push(each)
}

function recipientsOf({ event, username, recipient, channel }: TimelineEntry): Recipient[] {
  return event === 'notified' || event === 'parked'
    ? [{ username: username ?? null, address: recipient ?? null, channel: channel ?? '' }]
    : []
}

/** What is sent to several at the same time, for the same reason. *each*: one of these. */
export interface Coming {
  each: ComingNotification
  recipients: Pick<ComingNotification, 'username' | 'channel' | 'way'>[]
}

export function comingOf(all: ComingNotification[]): Coming[] {
  const found = new Map<string, Coming>()
  for (const each of all) {
    const { username, channel, way, ...rest } = each
    const key = JSON.stringify(rest)
    const group = found.get(key) ?? { each, recipients: [] }
    group.recipients.push({ username, channel, way })
    found.set(key, group)
  }
  return [...found.values()]
}

/** Who was notified of an incident: when first, by which ways, and when and how they acknowledged. */
export interface Notified {
  who: string
  at: string | null
  ways: Recipient[]
  confirmed: { at: string; channel: string | null } | null
}

export function notifiedOf(entries: IncidentEntry[]): Notified[] {
  const found = new Map<string, Notified>()
  for (const entry of entries) {
    const who = entry.username ?? entry.recipient ?? entry.channel ?? ''
    if (who === '' || !['notified', 'acknowledged'].includes(entry.event)) continue
    const row = found.get(who) ?? { who, at: null, ways: [], confirmed: null }
    found.set(who, row)
    if (entry.event === 'acknowledged') row.confirmed ??= { at: entry.at, channel: entry.channel ?? null }
    else row.at ??= entry.at
    for (const way of recipientsOf(entry))
      if (!row.ways.some(({ channel }) => channel === way.channel)) row.ways.push(way)
  }
  return [...found.values()]
}

/** What the note of an escalation's step says. *n*: 0 for the last resort. *isAgain*: in a repetition. */
export function stepIn(note: string): { n: number; name: string; isAgain: boolean } | undefined {
  const [whole, n, name = '', again] = /^(?:step (\d+)|last resort) of (.+?)( \(again\))?$/s.exec(note) ?? []
  return whole === undefined ? undefined : { n: Number(n ?? 0), name, isAgain: again !== undefined }
}

function timeOf({ at }: { at: string }): number {
  return Date.parse(at)
}
