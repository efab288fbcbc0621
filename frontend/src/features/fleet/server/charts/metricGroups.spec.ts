import { describe, expect, it } from 'vitest'
import { groupsOf, MOST_LINES, questionsFor } from './metricGroups'

describe('groupsOf', () => {
  it('draws together what is read together, the known first, then custom metrics by name', () => {
    const groups = groupsOf([
      'zeta',
      'load15',
      'cpu',
      'disk:/var',
      'load1',
      'disk:/',
      'net_tx',
      'app:queue',
      'memory',
      'uptime',
      'offline',
    ])
    expect(groups.map(({ metrics }) => metrics)).toEqual([
      ['cpu'],
      ['memory'],
      ['disk:/', 'disk:/var'],
      ['load1', 'load15'],
      ['net_tx'],
      ['app:queue'],
      ['zeta'],
    ])
  })

  it('splits more file systems than one chart can tell apart', () => {
    const groups = groupsOf(Array.from({ length: 30 }, (_, index) => `disk:/d${index}`))
    expect(groups.map(({ metrics }) => metrics.length)).toEqual([MOST_LINES, MOST_LINES, 6])
    expect(new Set(groups.map(({ key }) => key)).size).toBe(3)
  })
})

describe('instances', () => {
  it('of one kind share a chart, an interface beside itself, and containers by what is measured', () => {
    const groups = groupsOf([
      'net_tx:eth1',
      'net_rx:eth0',
      'container:web:cpu',
      'net_tx:eth0',
      'container:db:cpu',
      'container:web:memory',
      'net_rx',
      'temp:nvme',
      'pressure_io',
      'pressure_cpu',
      'container:odd',
    ])
    expect(groups.map(({ key, metrics }) => [key, metrics])).toEqual([
      ['net_rx', ['net_rx']],
      ['net_rx_:', ['net_rx:eth0', 'net_tx:eth0', 'net_tx:eth1']],
      ['pressure_cpu', ['pressure_cpu', 'pressure_io']],
      ['temp_:', ['temp:nvme']],
      ['container_cpu_:', ['container:db:cpu', 'container:web:cpu']],
      ['container_memory_:', ['container:web:memory']],
      ['container:odd', ['container:odd']],
    ])
  })
})

describe('questionsFor', () => {
  it('asks in few calls of at most twenty, and never tears a chart apart', () => {
    const groups = groupsOf([
      'cpu',
      'memory',
      'disk',
      'load1',
      'load5',
      'load15',
      ...Array.from({ length: 24 }, (_, index) => `disk:/d${index}`),
    ])
    const questions = questionsFor(groups)
    expect(questions.length).toBe(2)
    for (const question of questions) expect(question.flatMap(({ metrics }) => metrics).length).toBeLessThanOrEqual(20)
    expect(questions.flat()).toEqual(groups)
  })
})
