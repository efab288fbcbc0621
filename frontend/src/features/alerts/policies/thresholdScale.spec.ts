import { describe, expect, it } from 'vitest'
import { scaleFor, settled, shareFromTop } from './thresholdScale'

describe('the scale', () => {
  it('is that of all percents', () => {
    expect(scaleFor('cpu', [40, 70])).toEqual({ low: 0, high: 100, step: 1 })
  })

  it('reaches a little beyond the values and thresholds of other metrics, in steps that can be read', () => {
    expect(scaleFor('load1', [0.5, 6])).toEqual({ low: 0, high: 6.9, step: 0.1 })
    expect(scaleFor('temperature', [-10, 30])).toEqual({ low: -16, high: 36, step: 0.5 })
  })

  it('exists without a value, too', () => {
    expect(scaleFor('load1', [])).toEqual({ low: 0, high: 1, step: 0.01 })
  })

  it('puts the highest at the top', () => {
    const scale = scaleFor('cpu', [])
    expect([100, 75, 0, 120].map((value) => shareFromTop(value, scale))).toEqual([0, 0.25, 1, 0])
  })
})

describe('a dragged threshold', () => {
  const scale = scaleFor('cpu', [])
  const both = { warning: 70, critical: 85 }

  it('moves by whole steps, within the scale', () => {
    expect(settled(71.4, 'warning', both, 'above', scale)).toBe(71)
    expect(settled(104, 'critical', both, 'above', scale)).toBe(100)
    expect(settled(0.44, 'critical', { warning: null, critical: 1 }, 'above', scaleFor('load1', [0.5, 6]))).toBe(0.4)
  })

  it('does not pass the other one', () => {
    expect(settled(90, 'warning', both, 'above', scale)).toBe(84)
    expect(settled(60, 'critical', both, 'above', scale)).toBe(71)
    expect(settled(10, 'warning', { warning: 30, critical: 20 }, 'below', scale)).toBe(21)
  })
})
