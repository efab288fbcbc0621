export default {
  checks: '异常的检查', checkIns: '异常的签到任务', total: '服务器', online: '在线', offline: '离线', neverReported: '从未上报', silenced: '已静默', firing: '触发中的告警', criticalOf: '其中 {n} 条严重', allWell: '一切正常', allWellHint: '没有触发中的告警，所有服务器都在上报。',
  attention: '需要关注', fleet: '全部服务器', filling: '磁盘将满', allFilling: '显示所有将满的磁盘', fullIn: '预计 {when} 写满', perDay: '每天 +{value}',
  unacknowledged: '未确认', acknowledged: '{name} 已确认', moreAlerts: '还有 {n} 条告警', moreOffline: '还有 {n} 台服务器离线',
  grid: '网格', table: '表格', view: '视图', sort: '排序', byName: '按名称', byTrouble: '异常优先', byCpu: '按 CPU', byMemory: '按内存', byDisk: '按磁盘', server: '服务器', hour: 'CPU 近一小时', status: '状态', reported: '最近上报',
  cpuHour: '{name}：CPU 近一小时',
  start: {
    title: '三步开始使用', host: '添加第一台服务器', hostHint: '添加服务器并在其上运行一行命令，数秒后即可看到数据。', addHost: '添加服务器',
    recipient: '指定第一位收件人', recipientHint: '填写您的邮箱，并将自己关联到服务器。告警会发给与服务器关联的用户。', setEmail: '填写邮箱',
    mail: '发送测试邮件', mailHint: '新增邮件渠道并点击“发送测试”，确认告警能够送达。', tryMail: '查看渠道', noSmtp: '尚未配置邮件服务器（SMTP_HOST）。', done: '已完成', hide: '不再显示', progress: '已完成 {n} / 3',
  },
}
