export default {
  title: '静默', subtitle: '静默期间告警照常记录，但不发送通知。', new: '新建静默', create: '创建静默', created: '静默已创建', allMetrics: '所有指标',
  phase: { active: '生效中', upcoming: '未开始', past: '已结束' },
  empty: { active: '没有生效中的静默', upcoming: '没有未开始的静默', past: '没有已结束的静默' },
  mode: { now: '从现在起', span: '指定时段', repeat: '周期重复' },
  form: {
    scope: '范围', metric: '指标', when: '时间', lasts: '持续时间', weekdays: '星期', starts: '开始时刻', duration: '每次持续', zone: '时区',
    reason: '原因', reasonHint: '例如：计划内维护',
  },
  repeat: { daily: '每天', workdays: '周一至周五', weekend: '周末', and: '、', sentence: '{days} {starts} 起，每次 {duration}（{zone}）。' },
  acts: {
    now: '生效中，至 {end}（还剩 {left}）。', next: '下次生效：{begin} 至 {end}，共 {lasts}（{when}）。', over: '已结束。', never: '永远不会生效：起止时间之内没有符合重复规则的时段。',
    unreadable: '永远不会生效：无法读取其重复规则。请删除后重新创建。',
  },
  row: { by: '由 {name} 创建', reason: '原因', scope: '范围', when: '时间', until: '{from} 至 {to}', noReason: '未填写原因' },
  effect: {
    ask: '它拦下了什么？', none: '没有拦下任何通知。', held: '拦下了 {what}。', wouldNone: '{from} 至 {to} 不会拦下任何通知。', would: '{from} 至 {to} 会拦下 {what}。', people: '各用户的通知数：{people}。', comma: '、',
    alerts: '{n} 条告警', and: '、', notifications: '{n} 条通知', parts: '不再发送：{hidden} 条；静默结束时发送：{later} 条。',
  },
  mark: { label: '生效中的静默', all: '静默至 {end}', metric: '{metric} 静默至 {end}', until: '至 {end}' },
  action: { end: '立即结束', delete: '删除', duplicate: '复制' },
  confirmEnd: { title: '结束静默？', text: '仍在触发的告警会立即发送通知。', recurring: '整个周期静默会被删除，不再重复。仍在触发的告警会立即发送通知。', done: '静默已结束' },
  confirmDelete: { title: '删除静默？', text: '删除后无法恢复。', done: '静默已删除' },
}
