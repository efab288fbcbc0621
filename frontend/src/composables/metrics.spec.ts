import { expect, it } from 'vitest'
import type { LiveSample } from '@/api/types'
import { boundsOf, inOrder, valueIn } from './metrics'

it('sorts metrics as the catalogue does, each before its instances, then custom ones by name', () => {
  const names = ['zfs_errors', 'disk:/var', 'app:10', 'load1', 'disk', 'app:9', 'cpu']
  expect(names.sort(inOrder)).toEqual(['cpu', 'disk', 'disk:/var', 'load1', 'app:9', 'app:10', 'zfs_errors'])
})

it('bounds what the catalogue bounds', () => {
  expect(boundsOf('disk:/var')).toEqual([0, 100])
  expect(boundsOf('load1')).toEqual([0, Infinity])
  expect(boundsOf('queue')).toEqual([-Infinity, Infinity])
})

it('finds a value in its own column or among the further ones', () => {
  const sample = { cpu_value: 7, memory_value: 50, disk_value: 60, extra: { 'disk:/var': 80 } } as unknown as LiveSample
  expect(['cpu', 'memory', 'disk', 'disk:/var', 'swap'].map((name) => valueIn(sample, name))).toEqual([
    7,
    50,
    60,
    80,
    null,
  ])
})
