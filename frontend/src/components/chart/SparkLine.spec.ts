import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { spaced } from '@/testing/spaced'
import SparkLine from './SparkLine.vue'

const line = (values: (number | null)[]) => mount(SparkLine, { props: { values, label: 'CPU', height: 12 } })

it('ends its scale at a round value, and says which', () => {
  const scales = [[0], [3, 5], [5.1], [12], [26, 40], [99, 100], [null]].map((values) => spaced(line(values).text()))
  expect(scales).toEqual(['0–5 %', '0–5 %', '0–10 %', '0–25 %', '0–50 %', '0–100 %', '0–5 %'])
})

it('names what it shows, and its range', () => {
  expect(spaced(line([3, null, 17.25]).attributes('aria-label')!)).toBe('CPU: 3.0–17.3 %')
  expect(line([null]).attributes('aria-label')).toBe('CPU')
})

it('draws the greatest value whole, and a gap for none', () => {
  expect(line([0, 100, null, 50]).get('path.line').attributes('d')).toBe('M0.0 11.0L33.3 1.0M100.0 6.0')
})
