export default {
  subtitle: '对所有服务器生效，修改后立即起作用。', alerting: '告警', retention: '数据保留', offline_after: '上报超时', offline_afterHint: '超过此时间没有上报的服务器视为离线。上报间隔较长的服务器，以其间隔的三倍为准。', reminder_after: '未确认告警的提醒间隔', digest_wait: '合并通知的等待时间', digest_waitHint: '此时间内的事件合并为一封邮件。',
  raw_days: '原始采样', raw_daysHint: '数据库表中的每个采样，用于当前数值和实时查看。', chunk_days: '压缩历史', chunk_daysHint: '每个采样，按小时压缩，用于放大查看和回测。', ten_minute_days: '10 分钟汇总', ten_minute_daysHint: '用于一周左右的图表。', hour_days: '1 小时汇总', hour_daysHint: '用于按月、按年的图表。', audit_days: '审计日志', audit_daysHint: '记录谁做了什么。更早的记录会被删除，删除操作也会记入日志。', days: '天', shorter: '缩短保留期会删除更早的数据，无法恢复。', confirmTitle: '缩短数据保留期', confirmAction: '保存并删除',
}
