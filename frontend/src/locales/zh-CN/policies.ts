export default {
  title: '策略', one: '策略', duplicate: '复制', new: '新建策略', named: '{metric}策略', subtitle: '策略决定何时告警。对服务器的每个指标，生效的是范围最具体的策略。',
  empty: '还没有策略', emptyHint: '没有策略就不会有告警。', exception: '添加例外', readOnly: '只有管理员可以修改此范围的策略。',
  order: '优先级', rule: '每台服务器采用列表中第一条覆盖它的策略。如果该策略已停用，则不监控此指标。',
  applies: '对 {n} 台服务器生效', notMonitored: '{n} 台服务器不监控', sustained: '持续 {span}',
  direction: { above: '高于时告警', below: '低于时告警' },
  form: {
    metric: '指标', scope: '范围', thresholds: '阈值', direction: '方向', warning: '警告阈值', critical: '严重阈值', thresholdHint: '留空表示没有这一级别。等于阈值也算超出。',
    sustained: '持续多久后触发', sustainedHint: '此时间内的每个采样都要达到或超出阈值。0 表示立即触发。', clear: '恢复条件', marginBy: '回到阈值内超过', margin: '恢复余量', marginFor: '，并保持', clearFor: '恢复时长',
    clearHint: '数值须回到阈值以内并超过恢复余量，且保持这段时间，才算恢复，以免反复触发。',
    marginHint: '恢复余量留空时，根据阈值自动计算。', enabled: '已启用', disabled: '已停用：范围内不监控此指标',
  },
  checks: {
    up: '检查在以下时间内每次都失败时触发，级别始终为严重。它取代按失败次数触发的内置规则。停用此策略后，范围内的检查失败时不再告警。', checkIn: '任务未按时报告或报告失败时触发，级别始终为严重。停用此策略后，范围内的签到任务不再告警。',
    short: { up: '不可用', check_in: '缺席或失败' },
  },
  offline: { meaning: '在上报超时内没有上报的服务器视为离线。离线始终为严重级别，没有阈值。所有服务器的上报超时相同，但不短于该服务器上报间隔的三倍。经常关机的服务器（例如笔记本电脑）可停用此策略。', settings: '修改上报超时', short: '停止上报' },
  noise: {
    title: '通知最频繁的策略', hint: '过去 {n} 天的通知，以及能减半的最小修改。', pages: '{n} 条告警', night: '夜间 {n} 条', alone: '{n} 条在 10 分钟内自行恢复且未确认', verdicts: '有用 {useful}，噪音 {noise}',
    change: { warning: '警告阈值 {value}', critical: '严重阈值 {value}', clear_margin: '恢复余量 {value}', sustained_for: '持续 {value} 后触发', clear_for: '{value} 后恢复' }, and: '，',
    removes: '减少 {n} 条告警，', loses: '其中有用的 {n} 条。', delays: '最多延后 {span}。', take: '带入此修改',
  },
  closes: '保存后，此策略触发中的 {n} 条告警会被取消。',
  confirmDelete: { title: '删除策略？', text: '此策略未结束的告警（{n} 条触发中）会被取消，已收到过通知的人会收到取消通知。' },
  confirmSwitch: { title: '启用或停用此策略？' },
  backtest: {
    title: '回测', days: '回测天数', running: '正在回测', cancelled: '已取消', incomplete: '选择指标、范围和阈值后，这里会显示此策略在历史数据上会触发多少次。',
    times: '{n} 次', none: '不会触发。', onServers: '会触发，涉及 {n} 台服务器，共 {span}',
    already: '回测期开始时已有 {n} 条在触发，不计入次数',
    sweep: '其他阈值的结果', sweepHint: '点击一行即采用该阈值。', perDay: '每天', most: '最多 {n} 次', onDay: '{day}：{times}',
    byServer: '按服务器', server: '服务器', count: '次数', firing: '触发时长', episodes: '触发列表', stillFiring: '仍在触发', all: '显示全部 {n} 条', fewer: '收起', cut: '仅列出最近 {n} 条，共 {total} 条。',
  },
}
