import type { Widened } from '../zh-CN'
import type zh from '../zh-CN/fleet'

const fleet: Widened<typeof zh> = {
  cards: 'Cards',
  map: 'Heat map',
  groupBy: 'Group by',
  then: 'then by',
  ungrouped: 'nothing else',
  kinds: { tag: 'Tag', network: 'Network', team: 'Team' },
  without: { tag: 'No tag', team: 'No team' },
  rest: 'All other groups',
  fill: 'Color by',
  fills: { state: 'State', unacknowledged: 'Unacknowledged' },
  legend: 'Legend',
  noValue: 'No data',
  states: {
    critical: 'Critical',
    offline: 'Offline',
    warning: 'Warning',
    never: 'Never reported',
    ok: 'OK',
    unacknowledged: 'Unacknowledged',
    total: 'Servers',
  },
  medians: 'Median of the servers that report',
  tooMany: 'There are too many servers to draw each one. Only the figures of the groups are shown.',
  wall: {
    title: 'Wallboard',
    new: 'New wallboard link',
    hint: 'A read-only view that needs no log-in. It shows what you are allowed to see, and opens no other page. Revoke it whenever you like.',
    own: 'Open it here, logged in as yourself',
    link: 'Wallboard link',
    once: 'The link is shown only once, and anyone who has it can see the wallboard. To revoke it, open your profile and go to personal tokens.',
    updated: 'Updated {time}',
    lost: 'Connection lost. Data as of {time}',
    ended: 'This link no longer works',
    ask: 'It was revoked, has expired, or its owner lost access. Ask the owner for a new one.',
    alerts: 'Firing alerts',
  },
}

export default fleet
