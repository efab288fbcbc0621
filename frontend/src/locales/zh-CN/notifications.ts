export default {
  sent: {
    subtitle: '发给谁、通过什么、何时，以及是否送达。', at: '时间', what: '内容', server: '服务器', to: '收件人', delivery: '投递', attempts: '尝试', retry: '重新发送', retried: '已重新排队', empty: '还没有发送过通知', all: '全部',
    deliveries: { pending: '待发送', held: '静默中', sent: '已发送', parked: '发送失败', dropped: '不再发送' }, filter: '投递状态', unknownRecipient: '待定',
    events: { fired: '告警触发', escalated: '升级为严重', deescalated: '降为警告', resolved: '已恢复', cancelled: '已取消', acknowledged: '已确认', reminded: '提醒', flapping: '频繁波动', calmed: '恢复平稳', notified: '已通知' },
  },
  channels: {
    subtitle: '除服务器关联的人之外，还把告警发到这些地方。', add: '新增渠道', name: '名称', kind: '类型', to: '目标', level: '级别', state: '状态', on: '启用', off: '停用', email: '邮箱', webhook: 'Webhook', apprise: '聊天机器人（Apprise）',
    unreadable: '无法读取已保存的密钥，请重新填写。', address: '邮箱地址', url: 'URL', secret: '签名密钥', secretHint: '每次投递都会带 HMAC-SHA256 签名；留空则不签名。', keepHint: '出于安全，已保存的密钥不会显示。留空表示不更改。', locale: '语言', appriseHint: '例如 dingtalk://、feishu://、wecombot://、slack://、tgram://，需安装 monitor[apprise]。', webhookHint: '以 JSON 发送 POST 请求。内网地址需先用 MONITOR_ALLOWED_DESTINATIONS 允许。',
    same: '渠道“{name}”已发往同一目的地。',
    test: '发送测试', tested: '测试消息已送达 {name}', testFailed: '发送失败：{why}', empty: '还没有通知渠道', emptyHint: '没有渠道时，告警只发给与服务器关联且填写了邮箱的用户。', edit: '编辑渠道', deleteTitle: '删除渠道', deleteText: '将不再向“{name}”发送告警。',
  },
  coverage: {
    subtitle: '如果现在出事，会有人知道吗？', good: '会有人知道', goodHint: '每台服务器都有策略，每条策略都有收件人，渠道也都正常。', mail: '邮件', mailOn: '邮件服务器已配置', mailOff: '邮件服务器未配置', mailOffHint: '设置 SMTP_HOST 等环境变量并重启；在此之前邮件最多保留一天。', channels: '发送失败的渠道', channelsNone: '没有渠道发送失败', attempts: '已尝试 {n} 次', unwatched: '没有策略覆盖的服务器', unwatchedNone: '每台服务器都有策略覆盖',
    untold: '触发了也没人收到', untoldNone: '每条策略都有收件人', untoldHint: '给服务器关联一位填写了邮箱的用户，或建立一个通知渠道。', policy: '策略：{metric}', fixLink: '去关联用户', fixAddress: '为用户填写邮箱', fixNewChannel: '新建渠道', fixNewPolicy: '新建策略', fixPolicy: '去看策略', fixChannel: '去看渠道', cli: '也可以在服务器上运行',
  },
}
