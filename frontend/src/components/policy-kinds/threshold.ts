import type { KindOfPolicy } from './kind'

export const threshold: KindOfPolicy = {
  fields: [],
  hasThresholds: true,
  words: {
    en: {
      name: 'Threshold',
      title: 'Policy on {metric}',
      hint: 'Compares each value with the thresholds.',
      limit: '{limit}',
      began: 'Threshold crossed',
    },
    'zh-CN': {
      name: '阈值',
      title: '{metric}策略',
      hint: '将每个采样与阈值比较。',
      limit: '{limit}',
      began: '超出阈值',
    },
  },
}
