export default {
  subtitle: '备份等任务运行后在此报告。未按时报告或报告失败时触发告警。',
  add: '添加签到任务', all: '查看所有签到任务', empty: '还没有签到任务', emptyHint: '为一项任务添加签到，并让任务在结束时请求其地址。任务不再报告时，您会收到通知。', emptyHintOthers: '签到任务由管理员创建，属于您服务器的会显示在这里。', search: '名称',
  nameHint: '例如：每夜备份', due: '计划', period: '按周期', byCron: '按 cron 表达式', periodLabel: '周期', periodHint: '任务至少每隔此时间报告一次。', cronLabel: 'cron 表达式', cronHint: '分、时、日、月、星期', grace: '宽限', graceHint: '报告最多可晚多久，超过即为异常。',
  serverHint: '任务所在的服务器。能查看它的人可以查看此签到任务并收到其告警。', nextDue: '下次应到', lastPing: '最近签到', lastDuration: '最近用时', pings: '签到记录', days: '最近 30 天', noAlerts: '此签到任务没有告警',
  pause: '暂停', resume: '恢复', paused: '已暂停，不再等待报告', resumed: '已恢复，下次签到后重新开始等待', deleteText: '它的签到记录、告警、策略和静默会一并删除，其地址随之失效，无法恢复。',
  problem: { needed: '此项必填', period: '至少 5 秒', schedule: '须为五段，例如 0 3 * * *', grace: '至少 1 秒' },
  cron: { hourly: '每小时第 {minute} 分', hours: '每 {span}，第 {minute} 分', daily: '每天 {at}', weekly: '{days} {at}', monthly: '每月 {day} 日 {at}', workdays: '周一至周五' },
  meaning: { new: '正在等待首次签到，在此之前不会告警。', up: '最近一次按时报告。', late: '已到时间。此后 {grace} 内仍未报告即为异常。', missed: '任务未按时报告。下次成功后恢复。', failed: '任务报告了失败。下次成功后恢复。', paused: '仍记录签到，但不等待报告，也不告警。' },
  noPings: '还没有签到', noPingsHint: '运行一次上面的命令试试。', kind: { success: '成功', start: '开始', fail: '失败' }, exitStatus: '退出码 {n}', took: '用时 {span}', output: '输出（{n} 字节）',
  ping: { title: '任务如何报告', hint: '将此命令加到任务末尾。地址是机密：知道它的人都能代替任务报告。', more: '更多报告方式', crontab: '在 crontab 中，任务成功时：', status: '附带任务的退出码，0 为成功：', start: '在开始时，用于统计任务用时：', fail: '报告失败：', body: '附带任务输出的末尾（保留 10 kB）：' },
}
