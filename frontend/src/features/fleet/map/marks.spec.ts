import { expect, it, test } from 'vitest'
import type { Mark, ServerGroup } from './marks'
import { columnsOf, innermost, listOf, marksOf, pathsOf, scaleOf } from './marks'

const COUNTS = { total: 0, critical: 0, offline: 0, warning: 0, never: 0, ok: 0, unacknowledged: 0 }
const group = (given: Partial<ServerGroup>): ServerGroup => ({
  kind: 'tag',
  value: 'web',
  worst: 'ok',
  counts: COUNTS,
  medians: {},
  groups: [],
  ...given,
})
const SCALE = { low: 0, high: 100 }

it('draws each state, and of alerts those that nobody has acknowledged', () => {
  const states = 'CcOownk'
  const all = ['critical', 'critical', 'offline', 'offline', 'warning', 'never', 'ok']
  expect(marksOf(group({ states }), 'state', SCALE)).toEqual(all)
  const waiting = ['critical', 'ok', 'offline', 'ok', 'ok', 'ok', 'ok']
  expect(marksOf(group({ states }), 'unacknowledged', SCALE)).toEqual(waiting)
})

it('draws a metric in quarters of its scale, and servers without a value apart', () => {
  const values = [0, 24.9, 25, 99.9, 100, 120, null, null]
  const drawn = ['s1', 's1', 's2', 's4', 's4', 's4', 'offline', 'never']
  expect(marksOf(group({ states: 'kkkkCkok', values }), 'cpu', SCALE)).toEqual(drawn)
})

test('a scale has the bounds of the metric, or the values of all inner groups', () => {
  const groups = [group({ groups: [group({ values: [3, null] }), group({ values: [12] })] }), group({ values: [7] })]
  expect(scaleOf('cpu', groups)).toEqual({ low: 0, high: 100 })
  expect(scaleOf('load1', groups)).toEqual({ low: 0, high: 12 })
  expect(scaleOf('load1', [group({ values: [] })]), 'never empty').toEqual({ low: 0, high: 1 })
  expect(innermost(groups)).toHaveLength(3)
})

test('thousands of servers are a path for each mark, one cell beside the other', () => {
  const marks = Array.from({ length: 5_000 }, (_, at): Mark => (at % 7 === 0 ? 'critical' : 'ok'))
  const paths = new Map(pathsOf(marks, 98))
  expect([...paths.keys()]).toEqual(['critical', 'ok'])
  expect(paths.get('ok')!.match(/M/g)).toHaveLength(marks.filter((mark) => mark === 'ok').length)
  expect(pathsOf(['s4', 's4', 's4'], 2)[0]![1]).toBe('M1 1h10v10h-10zM13 1h10v10h-10zM1 13h10v10h-10z')
})

test.each([
  [1, 98, 12],
  [250, 98, 24],
  [5_000, 98, 98],
  [5_000, 28, 28],
])('%i cells are drawn in rows of at most %i: of %i', (cells, most, columns) => {
  expect(columnsOf(cells, most)).toBe(columns)
})

test.each<[Partial<ServerGroup>[], object]>([
  [[{ value: 'web' }, { value: 'eu' }], { tag: 'web,eu' }],
  [[{ value: 'web' }, { kind: 'network', value: '10.0.0.0/24' }], { tag: 'web', network: '10.0.0.0/24' }],
  [[{ kind: 'team', value: 'Core, EU' }, { value: null }], { team: 'Core, EU', without: 'tag' }],
  [[{ value: 'web' }, { value: null }], { tag: 'web' }],
  [[{ kind: 'rest', value: null }], {}],
])('the groups %o lead to the list of %o', (path, query) => {
  expect(listOf(path.map(group))).toEqual({ path: '/servers', query })
})
