import { expect, it } from 'vitest'
import type { Way } from '@/api/ways'
import { KINDS, kindOf } from '@/testing/kinds'
import { valuesOf, withTyped } from './wayForm'

const aWay = (given: Partial<Way>): Way => ({
  id: 1,
  kind: 'mail',
  settings: {},
  level: 'warning',
  after: 0,
  confirmed_at: null,
  readable: true,
  failed: '',
  ...given,
})
const mail = aWay({})
const pigeon = aWay({ id: 2, kind: 'pigeon', settings: { loft: 'north', ring: '***' }, level: 'critical', after: 300 })
const ids = (ways: { id?: number | null }[]) => ways.map(({ id }) => id)

it('a new way is of the first kind on offer, at once and for all levels', () => {
  const { kind, level, after } = valuesOf(undefined, KINDS, ['pigeon'], 'en')
  expect([kind, level, after]).toEqual(['pigeon', 'warning', 0])
})

it('a new way goes to the end, with the settings of its kind alone', () => {
  const values = { ...valuesOf(undefined, KINDS, ['pigeon'], 'en'), after: 60 }
  values.settings = { ...values.settings, loft: ' south ', address: 'left over' }
  const sent = withTyped([mail], undefined, values, kindOf('pigeon'))
  expect(sent.at(-1)).toMatchObject({ id: 0, kind: 'pigeon', settings: { loft: 'south' }, level: 'warning', after: 60 })
})

it('a changed way keeps its place, its id and the secrets that nobody typed', () => {
  const values = valuesOf(pigeon, KINDS, [], 'en')
  expect(values.settings.ring).toBe('')
  const sent = withTyped([pigeon, mail], pigeon, { ...values, level: 'warning' }, kindOf('pigeon'))
  expect(ids(sent)).toEqual([2, 1])
  expect(sent[0]).toMatchObject({ settings: { loft: 'north', ring: '***' }, level: 'warning', after: 300 })
})

it('is changed also in a list that was read again meanwhile', () => {
  const sent = withTyped(
    [mail, { ...pigeon }],
    pigeon,
    { ...valuesOf(pigeon, KINDS, [], 'en'), after: 0 },
    kindOf('pigeon'),
  )
  expect(sent.map(({ id, after }) => [id, after])).toEqual([
    [1, 0],
    [2, 0],
  ])
})

it('a typed secret replaces the stored one', () => {
  const values = valuesOf(pigeon, KINDS, [], 'en')
  values.settings.ring = 'gold'
  expect(withTyped([pigeon], pigeon, values, kindOf('pigeon'))[0]?.settings).toEqual({ loft: 'north', ring: 'gold' })
})

it('mail that nobody chose is chosen with the first change', () => {
  const [first] = withTyped([aWay({ id: 0 })], undefined, valuesOf(undefined, KINDS, ['pigeon'], 'en'))
  expect(first).toMatchObject({ id: 0, kind: 'mail' })
})
