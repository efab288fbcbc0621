import type { KindOfPolicy } from './kind'

/** The end of time in a chart, in epoch seconds: the bounds go across it. */
const FOREVER = 4e9

export const range: KindOfPolicy = {
  fields: [
    { name: 'days', input: 'days' },
    { name: 'beyond', input: 'percent' },
    { name: 'level', input: 'level' },
  ],
  hasThresholds: false,
  linesOf: ({ bounds }) =>
    bounds === null
      ? []
      : [bounds.lower, bounds.upper].map((value) => ({
          points: [
            { at: 0, value },
            { at: FOREVER, value },
          ],
        })),
  words: {
    en: {
      name: 'Range',
      title: 'Range of {metric}',
      hint: 'Fires if a value is outside what was usual: the least and greatest value of the last days, without the newest 6 hours. Silent until half of these days have samples.',
      limit: 'outside the range of {days} by {beyond}',
      began: 'Left its range',
      chart: 'The dashed lines are the bounds of the policy’s range.',
      days: 'Days of the range',
      beyond: 'Fires if outside by',
      beyondHint: 'A part of the span between the least and the greatest value.',
      level: 'Level',
      clearHint: 'The value must stay within the least and greatest for this time.',
    },
    'zh-CN': {
      name: '范围',
      title: '{metric}范围',
      hint: '数值超出平常的范围时触发：最近几天（不含最近 6 小时）的最小值与最大值。这些天有一半以上有采样之前不告警。',
      limit: '超出 {days}范围 {beyond}',
      began: '超出范围',
      chart: '虚线为策略范围的界限。',
      days: '范围的天数',
      beyond: '超出范围多少时触发',
      beyondHint: '占最小值与最大值之差的比例。',
      level: '级别',
      clearHint: '数值须回到最小值与最大值之间，并保持这段时间。',
    },
  },
}
