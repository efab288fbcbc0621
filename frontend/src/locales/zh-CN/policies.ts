export default {
  title: '策略', one: '策略', duplicate: '复制', new: '新建策略', named: '{metric}策略', subtitle: '决定何时告警：每个指标、每台服务器由范围最具体的一条策略决定。',
  empty: '还没有策略', emptyHint: '没有策略就不会有告警。', exception: '添加例外', readOnly: '只有管理员可以修改此范围的策略。',
  order: '优先级', rule: '从上到下，第一条覆盖该服务器的策略生效；已停用的策略会让它覆盖的服务器不再监控此指标。',
  decides: '决定 {n} 台服务器', decidesOff: '{n} 台服务器不监控', sustained: '持续 {span}',
  direction: { above: '高于时告警', below: '低于时告警' },
  form: {
    metric: '指标', scope: '范围', thresholds: '阈值', direction: '方向', warning: '警告阈值', critical: '严重阈值', thresholdHint: '留空表示没有这一级别。达到阈值即计入。',
    sustained: '持续多久才触发', sustainedHint: '期间每个采样都要达到阈值；0 表示立即触发。', clear: '如何恢复', marginBy: '回落', margin: '回落幅度', marginFor: '以上，并保持', clearFor: '恢复时长',
    clearHint: '回到阈值以内并超出此幅度，持续这么久才算恢复，避免反复触发。',
    marginHint: '未填写时，回落幅度随阈值变化；清空即恢复默认。', enabled: '已启用', disabled: '已停用：范围内不监控此指标',
  },
  offline: { meaning: '服务器超过规定时间没有上报即为离线，级别始终为严重，没有阈值。等待时间对所有服务器相同，且不少于三个上报间隔。停用它可让范围内的服务器（例如会休眠的笔记本）离线时不告警。', settings: '修改等待时间', short: '停止上报' },
  closes: '保存后，此策略触发中的 {n} 条告警会以“已取消”结束。',
  confirmDelete: { title: '删除策略？', text: '此策略未结束的告警（{n} 条触发中）会以“已取消”结束，并通知此前收到通知的人。' },
  confirmSwitch: { title: '切换此策略？' },
  backtest: {
    title: '回测', days: '回测天数', running: '正在回测', cancelled: '已取消', incomplete: '填好指标、范围和至少一个阈值后，这里会显示它在历史数据上会触发多少次。',
    times: '{n} 次', none: '不会触发。', onServers: '会触发，涉及 {n} 台服务器，共 {span}',
    already: '回测期开始时已有 {n} 条在触发，不计入次数',
    sweep: '换个阈值会怎样', sweepHint: '点击一行即采用该阈值。', perDay: '每天', most: '最多 {n} 次', onDay: '{day}：{times}',
    byServer: '按服务器', server: '服务器', count: '次数', firing: '触发时长', episodes: '逐次列表', stillFiring: '仍会触发', all: '显示全部 {n} 条', fewer: '收起', cut: '仅列出最近 {n} 条，共 {total} 条。',
  },
}
