import type { Widened } from '../zh-CN'
import type zh from '../zh-CN/compare'

const compare: Widened<typeof zh> = {
  title: 'Compare servers',
  add: 'Add a server',
  remove: 'Remove {name}',
  metrics: 'Metrics',
  unseen:
    '{n} server is missing: it was deleted, or is not shared with you ({ids}). | {n} servers are missing: they were deleted, or are not shared with you ({ids}).',
  most: 'Only the first {n} are compared.',
  one: 'Add another server to compare this one with.',
  none: 'Nothing to compare yet',
  noneHint: 'Add 2 to 10 servers, or select them in the list of servers.',
}

export default compare
