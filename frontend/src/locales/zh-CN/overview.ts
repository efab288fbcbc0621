export default {
  total: '服务器', online: '在线', offline: '离线', neverReported: '从未上报', silenced: '已静默', firing: '触发中的告警', criticalOf: '其中 {n} 个严重', allWell: '一切正常', allWellHint: '没有触发中的告警，也没有失联的主机。',
  attention: '需要关注', fleet: '服务器群', silent: '失联', silentSince: '最后上报 {when}', filling: '将满磁盘', allFilling: '显示全部将满磁盘', fullIn: '预计 {when} 写满', perDay: '每天 +{value}',
  unacknowledged: '未确认', acknowledged: '已由 {name} 确认', forSpan: '持续 {span}', moreAlerts: '还有 {n} 个告警', moreSilent: '还有 {n} 台失联',
  grid: '网格', table: '表格', view: '视图', sort: '排序', byName: '按名称', byTrouble: '异常优先', byCpu: '按 CPU', byMemory: '按内存', byDisk: '按磁盘', server: '服务器', hour: 'CPU 近一小时', status: '状态', reported: '最后上报',
  cpuHour: '{name}：CPU 近一小时',
  start: {
    title: '三步开始使用', host: '添加第一台主机', hostHint: '登记服务器并在主机上运行一行命令，数秒后即可看到数据。', addHost: '添加服务器',
    recipient: '指定第一位收件人', recipientHint: '为自己填写邮箱，并关联服务器；告警会发给与服务器关联的人。', setEmail: '填写邮箱',
    mail: '发送测试邮件', mailHint: '建立一个邮件渠道并点“测试”，确认告警真的能送达。', tryMail: '测试邮件', noSmtp: '尚未配置邮件服务器（SMTP_HOST）。', done: '已完成', hide: '不再显示', progress: '已完成 {n} / 3',
  },
}
