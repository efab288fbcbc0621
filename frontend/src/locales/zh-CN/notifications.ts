export default {
  sent: {
    subtitle: '每条通知的收件人和投递状态。', at: '时间', what: '事件', server: '服务器', to: '收件人', delivery: '投递', attempts: '尝试次数', retry: '重新发送', retried: '已重新排队', empty: '还没有发送过通知', all: '全部',
    filter: '投递状态', unknownRecipient: '待定',
  },
  channels: {
    subtitle: '告警除了发给关联的用户，还会发送到这些渠道。', add: '新增渠道', name: '名称', kind: '类型', to: '目标', level: '通知级别', state: '状态', on: '启用', off: '停用',
    unreadable: '无法读取已保存的密钥，请重新填写。', keepHint: '已保存的内容不会显示。留空则保持不变。',
    same: '渠道“{name}”已使用同一目标。',
    test: '发送测试', tested: '测试通知已发送到 {name}', testFailed: '测试失败：{why}', empty: '还没有通知渠道', emptyHint: '告警会发给与服务器关联且填写了邮箱的用户。新增渠道后，还可以发送到团队邮箱、Webhook 或聊天工具。', edit: '编辑渠道', deleteTitle: '删除渠道', deleteText: '将不再向“{name}”发送告警。',
  },
  coverage: {
    subtitle: '检查每条告警是否都有收件人。', good: '所有告警都有收件人', goodHint: '每台服务器都有策略，每条策略都有收件人，所有渠道都正常。', mail: '邮件', mailOn: '邮件服务器已配置', mailOff: '邮件服务器未配置', mailOffHint: '请设置 SMTP_HOST 等环境变量并重启服务端。在此之前，邮件会排队，最多保留一天。', channels: '发送失败的渠道', channelsNone: '没有渠道发送失败', attempts: '已尝试 {n} 次', noPolicy: '没有策略的服务器', noPolicyNone: '每台服务器都有策略',
    noRecipient: '没有收件人的策略', noRecipientNone: '每条策略都有收件人', noRecipientHint: '为服务器关联一位填写了邮箱的用户，或新增一个通知渠道。', policy: '策略：{metric}', fixLink: '关联用户', fixAddress: '填写邮箱', fixNewChannel: '新增渠道', fixNewPolicy: '新建策略', fixPolicy: '查看策略', fixChannel: '查看渠道', cli: '用命令行发送测试邮件',
  },
}
