import { describe, expect, it } from 'vitest'
import { arraysOf, containersOf, devicesOf, hasParts, hostChecksOf, interfacesOf, mountsOf, unitsOf } from './parts'

describe('the parts of a server', () => {
  it('are its units, those that do not run first', () => {
    expect(
      unitsOf({ 'unit:b.service': 1, 'unit:a.service': 1, 'unit:z.service': 0, units_failed: 1 }).map(
        ({ name, isActive }) => [name, isActive],
      ),
    ).toEqual([
      ['z.service', false],
      ['a.service', true],
      ['b.service', true],
    ])
  })

  it('are its containers, also with a colon in the name and without figures', () => {
    expect(
      containersOf({
        'container:web:up': 1,
        'container:web:cpu': 12.5,
        'container:web:memory': 4e8,
        'container:a:b:up': 0,
        containers: 1,
      }),
    ).toEqual([
      { name: 'a:b', isUp: false, cpu: null, memory: null },
      { name: 'web', isUp: true, cpu: 12.5, memory: 4e8 },
    ])
  })

  it('are its interfaces and devices, with one direction too', () => {
    const extra = { net_rx: 5, 'net_rx:eth0': 1, 'net_tx:eth0': 2, 'net_tx:wg0': 3, 'disk_read:sda': 4 }
    expect(interfacesOf(extra)).toEqual([
      { name: 'eth0', incoming: 1, outgoing: 2 },
      { name: 'wg0', incoming: null, outgoing: 3 },
    ])
    expect(devicesOf(extra)).toEqual([{ name: 'sda', incoming: 4, outgoing: null }])
  })

  it('are its file systems and arrays', () => {
    const extra = { 'disk:/var': 71, 'inodes:/var': 20, 'inodes:/': 3, 'raid:md0': 1, 'raid:md1': 0 }
    expect(mountsOf(extra)).toEqual([
      { path: '/', used: null, inodes: 3 },
      { path: '/var', used: 71, inodes: 20 },
    ])
    expect(arraysOf(extra)).toEqual([
      { name: 'md1', isWhole: false },
      { name: 'md0', isWhole: true },
    ])
  })

  it('are the checks that it runs', () => {
    expect(
      hostChecksOf({ 'check:site:up': 1, 'check:site:ms': 43, 'check:site:cert_days': 61, 'check:db:up': 0 }),
    ).toEqual([
      { name: 'db', isUp: false, ms: null, certDays: null },
      { name: 'site', isUp: true, ms: 43, certDays: 61 },
    ])
  })

  it('are nothing where there is nothing', () => {
    expect(hasParts({ load1: 1, queue: 3, containers: 0 })).toBe(false)
    expect(hasParts({ units_failed: 0 })).toBe(true)
  })
})
