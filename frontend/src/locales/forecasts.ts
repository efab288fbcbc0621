import { addWords } from './index'

/** The texts of the page of disks that fill up. */
export const FORECAST_WORDS = {
  en: {
    forecasts: {
      subtitle: 'File systems that fill up within 90 days if they continue to grow as in the last week.',
      disk: 'File system',
      used: 'Used',
      rate: 'Growth',
      full: 'Full',
      empty: 'No file system is filling up',
      emptyHint: 'A forecast needs a day of history and steady growth.',
      sort: { full: 'Full soonest', '-value': 'Fullest', '-rate': 'Growing fastest', name: 'By server' },
    },
  },
  'zh-CN': {
    forecasts: {
      subtitle: '按最近一周的增长趋势，预计 90 天内写满的文件系统。',
      disk: '文件系统',
      used: '已用',
      rate: '增长',
      full: '预计写满',
      empty: '没有即将写满的文件系统',
      emptyHint: '预测需要至少一天的历史数据，且用量持续增长。',
      sort: { full: '最早写满', '-value': '占用最高', '-rate': '增长最快', name: '按服务器' },
    },
  },
}
addWords(FORECAST_WORDS)
