export default {
  users: {
    subtitle: '账号、角色，以及告警邮件发给谁。', add: '新增用户', name: '用户名', role: '角色', email: '邮箱', level: '接收级别', created: '创建时间', admin: '管理员', user: '普通用户', you: '您自己', none: '未填写',
    levelHint: '只接收该级别及以上的告警邮件。', fromWarning: '警告及以上', onlyCritical: '仅严重', commonPassword: '密码过于常见', password: '密码', passwordRule: '8 到 128 个字符，不能与用户名相同，也不能是常见密码。首次登录后必须修改。',
    edit: '编辑 {name}', reset: '重置密码', resetTitle: '重置 {name} 的密码', resetHint: '该用户的全部会话会立即失效。', resetDone: '密码已重置', delete: '删除用户', deleteText: '将删除用户 {name} 及其关联与会话；服务器和历史数据保留。', search: '按用户名或邮箱筛选',
    roleHint: '管理员可以查看和管理一切；普通用户只能看到与自己关联的服务器。', created_done: '用户已创建',
  },
  channels: {
    subtitle: '除服务器关联的人之外，还把告警发到这些地方。', add: '新增渠道', name: '名称', kind: '类型', to: '目标', level: '级别', state: '状态', on: '启用', off: '停用', email: '邮箱', webhook: 'Webhook', apprise: '聊天机器人（Apprise）',
    unreadable: '无法读取已保存的密钥，请重新填写。', address: '邮箱地址', url: 'URL', secret: '签名密钥', secretHint: '每次投递都会带 HMAC-SHA256 签名；留空则不签名。', keepHint: '出于安全，已保存的密钥不会显示。留空表示不更改。', locale: '语言', appriseHint: '例如 dingtalk://、feishu://、wecombot://、slack://、tgram://，需安装 monitor[apprise]。', webhookHint: '以 JSON 发送 POST 请求。内网地址需先用 MONITOR_ALLOWED_DESTINATIONS 允许。',
    same: '渠道“{name}”已发往同一目的地。',
    test: '发送测试', tested: '测试消息已送达 {name}', testFailed: '发送失败：{why}', empty: '还没有通知渠道', emptyHint: '没有渠道时，告警只发给与服务器关联且填写了邮箱的用户。', edit: '编辑渠道', deleteTitle: '删除渠道', deleteText: '将不再向“{name}”发送告警。',
  },
  notifications: {
    subtitle: '发给谁、通过什么、何时，以及是否送达。', at: '时间', what: '内容', server: '服务器', to: '收件人', delivery: '投递', attempts: '尝试', retry: '重新发送', retried: '已重新排队', empty: '还没有发送过通知', all: '全部',
    deliveries: { pending: '待发送', held: '静默中', sent: '已发送', parked: '发送失败', dropped: '不再发送' }, filter: '投递状态', unknownRecipient: '待定',
    events: { fired: '告警触发', escalated: '升级为严重', deescalated: '降为警告', resolved: '已恢复', cancelled: '已取消', acknowledged: '已确认', reminded: '提醒', flapping: '频繁波动', calmed: '恢复平稳', notified: '已通知' },
  },
  audit: { subtitle: '谁在什么时候做了什么。', at: '时间', who: '用户', action: '操作', target: '对象', detail: '详情', address: '来源地址', empty: '还没有记录', nobody: '系统', stranger: '未登录',
    words: {
      and: '，', change: '{name}：{old} → {now}', changed: '{name}已更改', none: '无', yes: '是', no: '否', off: '已停用', first: '首个管理员', role: '角色：{role}', setting: '{name}：{value}', key: '{prefix}，用于{whose}', fleet: '服务器群', alert: '告警 {id}', alertByMail: '告警 {id}，通过邮件中的链接',
      notification: '通知 {id}', times: '{n} 次', others: '其他', quota: '已达上限', unknownUser: '未知用户名', before: '{when} 之前', sent: '已发送', notSent: '未发送：{why}', hosts: '{first} 至 {last}', servers: '{n} 台服务器',
    },
    fields: { import: '批量导入', name: '名称', ip_address: '地址', port: '端口', tags: '标签', user_ids: '关联用户', scope: '适用范围', metric: '指标', warning: '警告', critical: '严重', direction: '方向', sustained_for: '持续多久触发', clear_margin: '恢复余量', clear_for: '持续多久恢复', enabled: '启用', role: '角色', email: '邮箱', locale: '语言', alert_level: '邮件通知级别', least_level: '通知级别', address: '地址', url: '地址', secret: '密钥', kind: '类型', starts_at: '开始', ends_at: '结束', recurrence: '重复', reason: '原因' },
    actions: {
      'access.limited': '请求过于频繁', 'access.refused': '没有权限', 'alert.acknowledge': '确认告警', 'audit.prune': '清理旧审计记录', 'api_key.create': '创建密钥', 'api_key.revoke': '吊销密钥', 'channel.create': '新增渠道', 'channel.delete': '删除渠道', 'channel.test': '测试渠道', 'channel.update': '修改渠道', 'notification.retry': '重新发送通知',
      'policy.create': '新增策略', 'policy.delete': '删除策略', 'policy.update': '修改策略', 'server.create': '新增服务器', 'server.delete': '删除服务器', 'server.export': '导出服务器', 'server.update': '修改服务器', 'server.link_users': '关联用户', 'server.unlink_users': '取消关联用户', 'server.add_tags': '添加标签', 'server.remove_tags': '移除标签', 'server.simulate': '模拟服务器', 'session.end': '结束会话', 'session.login': '登录', 'session.login_failed': '登录失败', 'session.logout': '退出登录', 'session.refresh_reused': '会话令牌被重复使用',
      'settings.update': '修改设置', 'silence.create': '新增静默', 'silence.delete': '结束静默', 'user.change_password': '修改密码', 'user.change_password_failed': '旧密码错误', 'user.create': '新增用户', 'user.delete': '删除用户', 'user.reset_password': '重置密码', 'user.update': '修改用户', 'user.update_profile': '修改个人资料',
    } },
  settings: {
    subtitle: '对所有服务器生效，保存后立即起作用。', alerting: '告警', retention: '数据保留', offline_after: '多久无上报视为离线', offline_afterHint: '且不少于主机上报间隔的三倍。', reminder_after: '未确认时每隔多久提醒', digest_wait: '合并通知的等待时间', digest_waitHint: '同一时刻发生的告警合并为一封邮件。',
    raw_days: '原始采样', raw_daysHint: '每个采样，存放在数据库表中，用于实时查看。', chunk_days: '压缩历史', chunk_daysHint: '每个采样，按小时压缩，用于放大查看和回测。', ten_minute_days: '10 分钟汇总', ten_minute_daysHint: '用于一周左右的图表。', hour_days: '1 小时汇总', hour_daysHint: '用于按月、按年的图表。', audit_days: '审计日志', audit_daysHint: '谁做了什么。更早的记录会被删除，并在日志中注明。', days: '天', shorter: '缩短保留期会删除更早的数据，无法恢复。', confirmTitle: '缩短数据保留期', confirmAction: '保存并删除',
  },
  coverage: {
    subtitle: '如果现在出事，会有人知道吗？', good: '会有人知道', goodHint: '每台服务器都有策略，每条策略都有收件人，渠道也都正常。', mail: '邮件', mailOn: '邮件服务器已配置', mailOff: '邮件服务器未配置', mailOffHint: '设置 SMTP_HOST 等环境变量并重启；在此之前邮件最多保留一天。', channels: '发送失败的渠道', channelsNone: '没有渠道发送失败', attempts: '已尝试 {n} 次', unwatched: '没有策略覆盖的服务器', unwatchedNone: '每台服务器都有策略覆盖',
    untold: '触发了也没人收到', untoldNone: '每条策略都有收件人', untoldHint: '给服务器关联一位填写了邮箱的用户，或建立一个通知渠道。', policy: '策略：{metric}', fixLink: '去关联用户', fixAddress: '为用户填写邮箱', fixNewChannel: '新建渠道', fixNewPolicy: '新建策略', fixPolicy: '去看策略', fixChannel: '去看渠道', cli: '也可以在服务器上运行',
  },
  profile: {
    subtitle: '您的邮箱、语言与会话。', me: '个人资料', email: '邮箱', emailHint: '与您关联的服务器告警时，邮件发到这里；留空则不接收。', level: '接收级别', language: '语言', languageHint: '界面与邮件使用的语言。', theme: '主题', password: '密码', sessions: '登录会话', current: '当前会话', end: '结束', ended: '会话已结束', lastUsed: '最后使用 {when}', since: '登录于 {when}', everywhere: '全部退出', everywhereHint: '结束您在所有设备上的会话，包括当前。', endText: '该设备需要重新登录。', unknownAgent: '未知客户端',
  },
}
