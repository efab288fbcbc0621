import { addWords } from './index'

/** The texts of the palette, which is loaded when it is first opened. */
export const PALETTE_WORDS = {
  en: {
    palette: {
      title: 'Search and commands',
      ask: 'Find servers, alerts, pages, actions',
      results: 'Results',
      count: '{n} result | {n} results',
      none: 'No match for “{q}”',
      all: 'Show all matches',
      actions: 'Actions',
      pages: 'Pages',
      addTeam: 'New team',
      set: '{what}: {value}',
    },
  },
  'zh-CN': {
    palette: {
      title: '搜索与命令',
      ask: '搜索服务器、告警、页面或操作',
      results: '结果',
      count: '{n} 条结果',
      none: '没有与“{q}”匹配的结果',
      all: '显示全部匹配项',
      actions: '操作',
      pages: '页面',
      addTeam: '新建团队',
      set: '{what}：{value}',
    },
  },
}
addWords(PALETTE_WORDS)
