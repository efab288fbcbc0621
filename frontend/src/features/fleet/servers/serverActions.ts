/** Actions on servers and their dialogs. */
export const ROW_ACTIONS = ['edit', 'share', 'install', 'silence', 'delete'] as const
export const BATCH_ACTIONS = [
  'addTags',
  'removeTags',
  'linkUsers',
  'unlinkUsers',
  'silence',
  'compare',
  'export',
  'delete',
] as const

export type RowAction = (typeof ROW_ACTIONS)[number]
export type BatchAction = (typeof BATCH_ACTIONS)[number]
export type Action = RowAction | BatchAction
