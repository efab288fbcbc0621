import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { i18n, showIn } from '@/locales'
import { spaced } from '@/testing/spaced'
import { useFormat } from './format'

function format(): ReturnType<typeof useFormat> {
  let held: ReturnType<typeof useFormat> | undefined
  mount(
    {
      setup: () => {
        held = useFormat()
        return () => null
      },
    },
    { global: { plugins: [i18n] } },
  )
  return held!
}

test.each([
  ['cpu', 92.4, '92.4 %'],
  ['disk:/var', 81, '81 %'],
  ['net_rx', 1_234_567, '1.23 MB/s'],
  ['net_tx', 999.6, '1 kB/s'],
  ['temperature', 71, '71 °C'],
  ['temp:nvme/composite', 41.9, '41.9 °C'],
  ['container:web:memory', 1_234_567, '1.23 MB'],
  ['container:web:cpu', 12.5, '12.5 %'],
  ['check:site:ms', 12.345, '12.35 ms'],
  ['check:site:cert_days', 13.5, '13.5 d'],
  ['load1', 0.7, '0.7'],
  ['unit:nginx.service', 0, 'not active'],
  ['container:web:up', 1, 'running'],
  ['raid:md0', 0.25, '25 %'],
  ['check_in', 1, 'missed or failed'],
  ['uptime', 93_600, '1 d 2 h'],
  ['uptime', 86_460, '1 d'],
  ['uptime', 0, '0 s'],
  ['cpu', null, '–'],
  ['load1', Number.NaN, '–'],
])('%s %s is written %s', (metric, value, written) => {
  expect(spaced(format().value(metric, value))).toBe(written)
})

test.each([
  ['cpu', 100, '100\u00a0%'],
  ['net_rx', 1_234_567, '1.23\u00a0MB/s'],
  ['check:site:ms', 12, '12\u00a0ms'],
  ['temperature', 71, '71\u00a0°C'],
])('a value of %s stays on one line with its unit', (metric, value, written) => {
  expect(format().value(metric, value)).toBe(written)
})

test.each([
  ['cpu', [69, 70, 71], ['69 %', '70 %', '71 %']],
  ['cpu', [69.5, 70.5], ['69.5 %', '70.5 %']],
  ['load1', [1.9, 1.95, 2.0000001], ['1.90', '1.95', '2.00']],
  ['load1', [0.031, 0.032, null], ['0.031', '0.032', '–']],
  ['net_rx', [999_000, 1_000_000, 1_000_500], ['0.9990 MB/s', '1.0000 MB/s', '1.0005 MB/s']],
  ['uptime', [0, 3600, 86_460, 90_061], ['0 s', '1 h', '1 d 1 min', '1 d 1 h 1 min 1 s']],
  ['cpu', [99.5], ['99.5 %']],
  ['load1', [1 / 3, 1 / 3 + 0.01], ['0.3333', '0.3433']],
])('neighbouring values of %s are distinct: %j', (metric, values, written) => {
  expect(format().values(metric, values).map(spaced)).toEqual(written)
})

test('a metric nobody knows keeps its name', () => {
  expect(format().metric('queue_length')).toBe('queue_length')
  expect(format().metric('disk:/var/lib')).toBe('Disk /var/lib')
  expect(format().metric('container:web:cpu')).toBe('Container CPU web')
  expect(format().metric('container:a:b:up')).toBe('Container a:b')
})

test('relative times are natural in both languages', async () => {
  const now = Date.parse('2026-01-01T12:00:00Z')
  expect(format().relative('2026-01-01 11:57:00', now)).toBe('3 min. ago')
  await showIn('zh-CN')
  expect([60, 3600, 300, 5400].map(format().every)).toEqual(['每分钟', '每小时', '每 5 分钟', '每 1 小时 30 分钟'])
  expect(format().relative('2026-01-01 11:57:00', now)).toBe('3 分钟前')
})

test.each([
  ['12:00:10', 'just now'],
  ['12:00:11', 'in 11 sec.'],
  ['11:59:56', 'just now'],
  ['11:59:55', '5 sec. ago'],
])('at 12:00:00, by a clock that is read every ten seconds, %s is "%s"', (time, words) => {
  expect(format().relative(`2026-01-01 ${time}`, Date.parse('2026-01-01T12:00:00Z'))).toBe(words)
})

test('a scope says what it covers', () => {
  const names = ({ id }: { id: number }) => (id === 1 ? 'web-1' : undefined)
  expect(format().scope({ server_id: null, tag: null }, names)).toBe('All servers')
  expect(format().scope({ server_id: null, tag: 'db' }, names)).toBe('Tag db')
  expect(format().scope({ server_id: 1, tag: null }, names)).toBe('Server web-1')
  expect(format().scope({ server_id: 2, tag: null }, names)).toBe('Server #2')
  expect(format().scope({ check_id: 3 }, names)).toBe('Check #3')
})
