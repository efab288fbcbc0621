import { describe, expect, it } from 'vitest'
import { groupsOf, MOST_LINES, questionsFor } from './metricGroups'

describe('groupsOf', () => {
  it('draws together what is read together, the known first, then custom metrics by name', () => {
    const groups = groupsOf(['zeta', 'load15', 'cpu', 'disk:/var', 'load1', 'disk:/', 'net_tx', 'app:queue', 'memory', 'uptime', 'offline'])
    expect(groups.map(({ metrics }) => metrics)).toEqual([
      ['cpu'], ['memory'], ['disk:/', 'disk:/var'], ['load1', 'load15'], ['net_tx'], ['app:queue'], ['zeta'],
    ])
  })

  it('splits more file systems than one chart can tell apart', () => {
    const groups = groupsOf(Array.from({ length: 30 }, (_, index) => `disk:/d${index}`))
    expect(groups.map(({ metrics }) => metrics.length)).toEqual([MOST_LINES, MOST_LINES, 6])
    expect(new Set(groups.map(({ key }) => key)).size).toBe(3)
  })
})

describe('questionsFor', () => {
  it('asks in few calls of at most twenty, and never tears a chart apart', () => {
    const groups = groupsOf(['cpu', 'memory', 'disk', 'load1', 'load5', 'load15', ...Array.from({ length: 24 }, (_, index) => `disk:/d${index}`)])
    const questions = questionsFor(groups)
    expect(questions.length).toBe(2)
    for (const question of questions) expect(question.flatMap(({ metrics }) => metrics).length).toBeLessThanOrEqual(20)
    expect(questions.flat()).toEqual(groups)
  })
})
