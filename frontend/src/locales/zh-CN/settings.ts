export default {
  subtitle: '对所有服务器生效，保存后立即起作用。', alerting: '告警', retention: '数据保留', offline_after: '多久无上报视为离线', offline_afterHint: '且不少于主机上报间隔的三倍。', reminder_after: '未确认时每隔多久提醒', digest_wait: '合并通知的等待时间', digest_waitHint: '同一时刻发生的告警合并为一封邮件。',
  raw_days: '原始采样', raw_daysHint: '每个采样，存放在数据库表中，用于实时查看。', chunk_days: '压缩历史', chunk_daysHint: '每个采样，按小时压缩，用于放大查看和回测。', ten_minute_days: '10 分钟汇总', ten_minute_daysHint: '用于一周左右的图表。', hour_days: '1 小时汇总', hour_daysHint: '用于按月、按年的图表。', audit_days: '审计日志', audit_daysHint: '谁做了什么。更早的记录会被删除，并在日志中注明。', days: '天', shorter: '缩短保留期会删除更早的数据，无法恢复。', confirmTitle: '缩短数据保留期', confirmAction: '保存并删除',
}
