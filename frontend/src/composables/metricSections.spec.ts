import { expect, it, test } from 'vitest'
import { bySection, isFoundIn, sectionOf } from './metricSections'

test.each([
  ['cpu', 'system'],
  ['pressure_io', 'system'],
  ['temp:nvme/composite', 'system'],
  ['disk:/var', 'disks'],
  ['inodes:/', 'disks'],
  ['raid:md0', 'disks'],
  ['net_rx:eth0', 'network'],
  ['unit:nginx.service', 'services'],
  ['container:web:cpu', 'containers'],
  ['check:site:ms', 'hostChecks'],
  ['cert_days', 'checks'],
  ['queue_length', 'others'],
])('%s is found under %s', (name, section) => expect(sectionOf(name)).toBe(section))

it('keeps sections and names in order, and leaves out empty sections', () => {
  expect(bySection(['queue', 'disk:/b', 'disk:/a', 'memory', 'cpu'])).toEqual([
    { section: 'system', names: ['cpu', 'memory'] },
    { section: 'disks', names: ['disk:/a', 'disk:/b'] },
    { section: 'others', names: ['queue'] },
  ])
})

it('finds words in any order and case', () => {
  expect(isFoundIn('WEB container', ['Container CPU web', 'container:web:cpu'])).toBe(true)
  expect(isFoundIn('db container', ['Container CPU web', 'container:web:cpu'])).toBe(false)
  expect(isFoundIn('', ['CPU'])).toBe(true)
})
