import { describe, expect, it } from 'vitest'
import type { LiveSample } from '@/api/types'
import { fileSystemsOf, othersOf, tilesOf } from './tiles'

const sample = (extra: Record<string, number>, cpu: number | null = 10) =>
  ({ server_id: 1, cpu_value: cpu, memory_value: 20, disk_value: 30, extra, processes: [] }) as unknown as LiveSample

describe('the tiles of a server', () => {
  it('are only of what it measures', () => {
    expect(tilesOf(sample({}), []).map(({ key }) => key)).toEqual(['cpu', 'memory', 'disk'])
    const { values } = tilesOf(sample({ load1: 1, load15: 3 }), []).find(({ key }) => key === 'load1')!
    expect(values.map(({ metric }) => metric)).toEqual(['load1', 'load15'])
  })

  it('keep the three that everybody knows before there is a value', () => {
    expect(tilesOf(sample({}, null), [])[0]).toMatchObject({ key: 'cpu', share: null })
  })

  it('have a share of the whole where there is a whole', () => {
    const shares = Object.fromEntries(
      tilesOf(sample({ swap: 5, temperature: 50 }), []).map(({ key, share }) => [key, share]),
    )
    expect(shares).toEqual({ cpu: 10, memory: 20, disk: 30, swap: 5, temperature: null })
  })

  it('take the worst level that fires on any of their values', () => {
    const alerts = [
      { metric: 'load5', level: 'critical' as const },
      { metric: 'load1', level: 'warning' as const },
      { metric: 'disk', level: 'warning' as const },
    ]
    const levels = Object.fromEntries(
      tilesOf(sample({ load1: 1, load5: 2 }), alerts).map(({ key, level }) => [key, level]),
    )
    expect(levels).toEqual({ cpu: null, memory: null, disk: 'warning', load1: 'critical' })
  })
})

describe('the file systems of a server', () => {
  it('come fullest first, with their alerts', () => {
    const found = fileSystemsOf(sample({ 'disk:/': 40, 'disk:/var': 91, load1: 1 }), [
      { metric: 'disk:/var', level: 'critical' },
    ])
    expect(found).toEqual([
      { metric: 'disk:/var', path: '/var', value: 91, level: 'critical' },
      { metric: 'disk:/', path: '/', value: 40, level: null },
    ])
  })
})

describe('what a server sends besides', () => {
  it('is whatever has no place of its own, by name', () => {
    const found = othersOf(sample({ 'job:10': 7, load5: 1, uptime: 100, processes: 9, 'disk:/': 40, 'job:9': 2 }), [
      { metric: 'job:10', level: 'warning' },
    ])
    expect(found).toEqual([
      { metric: 'job:9', value: 2, level: null },
      { metric: 'job:10', value: 7, level: 'warning' },
    ])
  })

  it('is also a sensor, and no interface or container, which have tables of their own', () => {
    expect(othersOf(sample({ 'temp:nvme': 41, 'net_rx:eth0': 5, 'container:web:up': 1, load1: 1 }), [])).toEqual([
      { metric: 'temp:nvme', value: 41, level: null },
    ])
  })
})
