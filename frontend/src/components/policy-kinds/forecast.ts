import { toSeconds } from '@/api/times'
import { unitOf } from '@/composables/metrics'
import type { KindOfPolicy } from './kind'

export const forecast: KindOfPolicy = {
  fields: [
    { name: 'over', input: 'duration' },
    { name: 'within', input: 'duration' },
  ],
  hasThresholds: true,
  /** A forecast of percents warns of what will be full, as the built-in one of disks. */
  thresholdsFor: (metric) => (unitOf(metric) === 'percent' ? { warning: 100, critical: null } : undefined),
  linesOf: ({ line }) =>
    line.length === 0 ? [] : [{ points: line.map(({ at, value }) => ({ at: toSeconds(at), value })) }],
  words: {
    en: {
      name: 'Forecast',
      title: 'Forecast of {metric}',
      hint: 'Draws a line through the last hours and fires if it reaches a threshold soon.',
      limit: '{limit} within {within}',
      began: 'Forecast reached the threshold',
      chart: 'The dashed line is the forecast of the policy.',
      over: 'Line through the last',
      overHint: 'Needs data for half of this window, 1 hour to 1 day. Longer is calmer, shorter is quicker.',
      within: 'Fires if it reaches a threshold within',
    },
    'zh-CN': {
      name: '预测',
      title: '{metric}预测',
      hint: '沿最近几小时的数据画一条直线，若它不久将达到阈值就触发。',
      limit: '{limit} （{within}内）',
      began: '预测将达到阈值',
      chart: '虚线为策略的预测。',
      over: '直线取最近',
      overHint: '1 小时到 1 天，其中至少一半时间须有数据。越长越稳定，越短越灵敏。',
      within: '在此时间内达到阈值则触发',
    },
  },
}
