export default {
  nav: {
    overview: '概览', servers: '服务器', alerts: '告警', silences: '静默', policies: '策略',
    users: '用户', channels: '通知渠道', notifications: '通知记录', audit: '审计日志', settings: '系统设置', cluster: '服务进程', coverage: '告警覆盖',
    profile: '账号', monitoring: '监控', administration: '管理', more: '更多', skip: '跳到正文', main: '主导航',
  },
  action: {
    save: '保存', cancel: '取消', close: '关闭', delete: '删除', edit: '编辑', create: '创建', confirm: '确认',
    retry: '重试', refresh: '刷新', search: '搜索', clear: '清除', copy: '复制', copied: '已复制', more: '加载更多',
    view: '查看', reset: '重置', apply: '应用', logOut: '退出登录', menu: '菜单',
  },
  state: {
    loading: '加载中…', empty: '暂无数据', noMatch: '没有符合条件的结果', noMatchHint: '请修改或清除筛选条件。',
    error: '加载失败', forbidden: '没有权限', forbiddenHint: '此页面仅管理员可用。', notFound: '未找到', notFoundHint: '它可能已被删除，或您无权查看。',
    unreachable: '无法连接服务端', unreachableHint: '恢复连接后会自动更新。', unavailable: '服务暂不可用', historyAway: '更早的历史暂不可用', historyAwayHint: '更早的历史存放在另一处存储中，该存储没有响应。最近几天的图表、告警和上报不受影响。', saved: '已保存', created: '已创建', deleted: '已删除', unknown: '出错了，请重试。',
    leave: '有未保存的更改，确定离开吗？', all: '已显示全部',
  },
  missing: {
    away: '无法连接服务端，这部分界面尚未加载。', updated: 'monitor 已更新，请重新加载页面。尚未保存的输入将会丢失。',
    broken: '这部分界面加载失败。', reload: '重新加载页面',
  },
  live: { on: '实时', connecting: '连接中', off: '连接已断开，正在重连…', paused: '已暂停' },
  status: { online: '在线', offline: '离线', never: '从未上报' },
  level: { warning: '警告', critical: '严重', ok: '正常' },
  notifyFrom: { warning: '警告及以上', critical: '仅严重' },
  alertState: { pending: '待触发', firing: '触发中', resolved: '已恢复', cancelled: '已取消' },
  scope: { everything: '所有服务器', tag: '标签 {tag}', server: '服务器 {name}', everythingHint: '任何服务器', byTag: '按标签', byServer: '按服务器', kind: '范围', pickTag: '选择标签', moreServers: '还有 {n} 台，请输入名称的一部分', pickServer: '选择服务器' },
  time: {
    now: '刚刚', never: '从未', second: '{n} 秒', minute: '{n} 分钟', hour: '{n} 小时', day: '{n} 天', from: '开始', to: '结束', range: '时间范围', last: '最近 {span}',
    custom: '自定义', utc: 'UTC', local: '本地时间', zone: '时区', toUtc: '以 UTC 显示时间', toLocal: '以本地时区显示时间', clockAhead: '时钟快 {span}', clockBehind: '时钟慢 {span}', seconds: '秒', minutes: '分钟', hours: '小时', days: '天', short: { s: '秒', m: '分', h: '时', d: '天' },
  },
  form: { optional: '可选', typeToConfirm: '输入 {word} 以确认' },
  theme: { label: '主题', system: '跟随系统', light: '浅色', dark: '深色' },
  language: '语言',
  help: { title: '快捷键', search: '搜索', help: '显示此帮助', go: '前往{page}', close: '关闭对话框' },
  banner: { defaultPassword: '仍在使用默认密码 admin123。任何能访问此服务的人都可以登录。', commonPassword: '您的密码是常见密码。请修改密码以保护账号。', change: '修改密码' },
  table: { selectAll: '全选', select: '选择 {name}', tags: '标签', users: '用户' },
  count: { selected: '已选 {n} 项', items: '共 {n} 项', servers: '{n} 台服务器' },
}
