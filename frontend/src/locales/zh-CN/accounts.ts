export default {
  users: {
    subtitle: '账号、角色和告警邮件。', add: '新增用户', name: '用户名', role: '角色', email: '邮箱', factor: '双重验证', level: '通知级别', created: '创建时间', admin: '管理员', user: '普通用户', you: '您自己', none: '未填写',
    levelHint: '只发送该级别及以上的告警邮件。', commonPassword: '常见密码', password: '密码', passwordRule: '8 到 128 个字符，不能与用户名相同，也不能是常见密码。首次登录后必须修改。',
    edit: '编辑 {name}', reset: '重置密码', actionsOn: '{name} 的操作', passwordAction: '重置密码', factorsAction: '重置双重验证', sessionsAction: '结束全部会话', deleteAction: '删除用户',
    factorsText: '将移除 {name} 的验证器应用、恢复码和通行密钥，并结束其全部会话。在重新设置之前，该用户登录时不再需要双重验证。', factorsDone: '双重验证已重置', sessionsText: '{name} 将在所有设备上退出，之后可以重新登录。', sessionsDone: '会话已全部结束', deleteDone: '已删除', resetTitle: '重置 {name} 的密码', resetHint: '该用户的全部会话会立即失效。', resetDone: '密码已重置', deleteText: '将删除用户 {name} 及其服务器关联和会话。服务器和历史数据会保留。', search: '按用户名或邮箱筛选',
    roleHint: '管理员可以查看和管理一切；普通用户只能看到与自己关联的服务器。', ownLanguage: '跟随其浏览器', languageHint: '该用户邮件的语言；跟随浏览器时，从其下次登录起生效。', linkHint: '请在服务器上用此用户名运行 monitor user login-link，将生成的链接发给该用户。用户登录后，在账号页面关联单点登录。', created_done: '用户已创建',
  },
  audit: { subtitle: '谁在什么时候做了什么。', at: '时间', who: '用户', action: '操作', target: '对象', detail: '详情', address: '来源地址', empty: '还没有记录', system: '系统', anonymous: '未登录',
    filter: '筛选审计日志', q: '搜索', allOf: '全部：{thing}', csv: 'CSV', jsonl: 'JSON', exportHint: '导出符合筛选条件的全部记录。',
    things: { check: '检查', check_in: '签到任务', access: '被拒绝的请求', account_mail: '账号邮件', alert: '告警', api_key: '密钥', audit: '审计日志', channel: '渠道', notification: '通知', passkey: '通行密钥', policy: '策略', recovery_code: '恢复码', recovery_codes: '恢复码', server: '服务器', session: '会话', settings: '设置', silence: '静默', team: '团队', token: '个人令牌', totp: '验证器应用', user: '用户' },
    mails: { password_changed: '密码已修改', password_reset: '密码已重置', email_changed: '邮箱已更改', totp_on: '启用验证器应用', totp_off: '停用验证器应用', factors_reset: '重置双重验证', recovery_code_used: '使用恢复码', recovery_codes_renewed: '生成新的恢复码', passkey_cloned: '通行密钥疑似被复制', passkey_added: '添加通行密钥', passkey_removed: '移除通行密钥', sso_joined: '关联单点登录', sso_parted: '取消关联单点登录', token_created: '创建个人令牌', login_link: '登录链接' },
    words: {
      and: '，', change: '{name}：{old} → {now}', changed: '{name}已更改', none: '无', yes: '是', no: '否', off: '已停用', first: '首个管理员', role: '角色：{role}', setting: '{name}：{value}', key: '{prefix}，用于{whose}', fleet: '多台主机', alert: '告警 {id}', alertByMail: '告警 {id}，通过邮件中的链接',
      notification: '通知 {id}', times: '{n} 次', others: '其他', quota: '已达上限', readOnlyToken: '令牌只读', notForTokens: '个人令牌不可用', unknownUser: '未知用户名', wrongPassword: '密码错误', noPasswords: '仅支持单点登录', linkOnly: '登录链接', wrongCode: '验证码错误', passkeyOnly: '通行密钥', last_admin: '最后一个管理员', common_password: '密码过于常见', before: '{when} 之前', sent: '已发送', notSent: '未发送：{why}', hosts: '{first} 至 {last}', servers: '{n} 台服务器', sessions: '{n} 个会话', password: '使用密码', passkey: '使用通行密钥', sso: '使用单点登录', link: '使用登录链接', left: '剩余 {n} 个', read: '只读', write: '读写',
    },
    fields: { import: '批量导入', name: '名称', ip_address: '地址', port: '端口', tags: '标签', user_ids: '关联用户', scope: '适用范围', metric: '指标', warning: '警告', critical: '严重', direction: '方向', sustained_for: '持续多久后触发', clear_margin: '恢复余量', clear_for: '持续多久后恢复', enabled: '启用', role: '角色', email: '邮箱', locale: '语言', alert_level: '通知级别', least_level: '通知级别', address: '地址', url: '地址', secret: '密钥', kind: '类型', starts_at: '开始', ends_at: '结束', recurrence: '重复', reason: '原因', format: '格式', user_id: '用户', username: '用户', action: '操作', target: '对象', text: '文本', since: '开始', until: '结束', access: '权限', server_ids: '服务器', oidc_group: '用户组', expires_at: '到期时间', token: '令牌', token_scope: '权限', teams: '团队', authenticator: '验证器应用', passkeys: '通行密钥' },
    actions: {
      'access.limited': '请求过于频繁', 'access.refused': '没有权限', 'alert.acknowledge': '确认告警', 'audit.prune': '清理旧审计记录', 'api_key.create': '创建密钥', 'api_key.revoke': '吊销密钥', 'channel.create': '新增渠道', 'channel.delete': '删除渠道', 'channel.test': '测试渠道', 'channel.update': '修改渠道', 'notification.retry': '重新发送通知',
      'passkey.add': '添加通行密钥', 'passkey.cloned': '发现被复制的通行密钥', 'passkey.remove': '移除通行密钥', 'policy.create': '新增策略', 'policy.delete': '删除策略', 'policy.update': '修改策略', 'server.create': '新增服务器', 'server.delete': '删除服务器', 'server.export': '导出服务器', 'server.update': '修改服务器', 'server.link_users': '关联用户', 'server.unlink_users': '取消关联用户', 'server.add_tags': '添加标签', 'server.remove_tags': '移除标签', 'server.simulate': '模拟服务器', 'session.end': '结束会话', 'session.login': '登录', 'session.login_failed': '登录失败', 'session.logout': '退出登录', 'session.reauthenticate': '重新验证身份', 'session.reauthenticate_failed': '重新验证身份失败', 'session.refresh_reused': '会话令牌被重复使用',
      'settings.update': '修改设置', 'silence.create': '新增静默', 'silence.delete': '结束静默', 'user.change_password': '修改密码', 'user.change_password_failed': '当前密码输入错误', 'user.create': '新增用户', 'user.delete': '删除用户', 'user.reset_password': '重置密码', 'user.update': '修改用户', 'user.update_profile': '修改个人资料',
      'account_mail.give_up': '账号邮件发送失败', 'audit.export': '导出审计日志', 'session.end_all': '结束用户的全部会话', 'session.end_others': '结束其他会话', 'session.sso_failed': '单点登录失败',
      'totp.begin': '开始设置验证器应用', 'totp.on': '启用验证器应用', 'totp.off': '停用验证器应用', 'recovery_code.use': '使用恢复码', 'recovery_codes.renew': '生成新的恢复码', 'token.create': '创建个人令牌', 'token.revoke': '吊销个人令牌',
      'check.create': '新增检查', 'check.update': '修改检查', 'check.delete': '删除检查', 'check.run': '手动运行检查',
      'check_in.create': '新增签到任务', 'check_in.update': '修改签到任务', 'check_in.delete': '删除签到任务', 'check_in.pause': '暂停签到任务', 'check_in.resume': '恢复签到任务',
      'team.create': '新增团队', 'team.update': '修改团队', 'team.delete': '删除团队', 'user.join_sso': '关联单点登录', 'user.part_sso': '取消关联单点登录', 'user.login_link': '生成登录链接', 'user.reset_factors': '重置双重验证', 'user.role_kept': '保留角色，未按单点登录更改', 'user.teams': '修改用户所属团队',
    } },
  tokens: {
    title: '个人令牌', hint: '脚本和命令行用个人令牌代表您访问 API，但不能用它管理用户、密码、双重验证、会话和令牌。', new: '新建令牌', empty: '还没有个人令牌', name: '名称', nameExample: '例如：夜间备份', token: '令牌', scope: '权限', created: '创建时间', expires: '到期时间', used: '最近使用', from: '来自 {address}',
    scopes: { read: '只读', write: '读写' }, readHint: '只能查询，不能更改任何内容。', writeHint: '可以执行您有权执行的操作。', never: '永不过期', expired: '已过期', days: '{n} 天', year: '1 年', until: '指定时间', neverHint: '永不过期的令牌一旦泄露，在吊销之前始终有效。',
    once: '令牌仅显示这一次，请立即保存。', example: '示例', revoke: '吊销', revokeTitle: '吊销令牌 {name}？', revokeText: '使用此令牌的脚本将立即无法访问。', revoked: '令牌已吊销',
  },
  profile: {
    subtitle: '当前登录：{name}', passwordHint: '修改密码会结束您的其他会话。', me: '个人资料', email: '邮箱', emailHint: '与您关联的服务器的告警会发到这个邮箱，留空则不接收。', level: '通知级别', language: '语言', languageHint: '界面与邮件使用的语言。', theme: '主题', teams: '团队', teamsHint: '您可以看到团队的服务器，并收到其告警。', noTeams: '您不在任何团队中', sessions: '登录会话', current: '当前会话', end: '结束', ended: '会话已结束', lastUsed: '最后使用 {when}', since: '登录于 {when}', endOthers: '结束其他会话', endOthersText: '将结束除当前以外的全部会话，那些设备需要重新登录。', othersEnded: '其他会话已全部结束', endText: '该设备需要重新登录。', unknownAgent: '未知客户端',
  },
  passkeys: {
    title: '通行密钥', hint: '用设备的指纹、面容或 PIN 登录，无需密码和验证码。', add: '添加通行密钥', added: '通行密钥已添加', about: '浏览器会询问将通行密钥保存在哪里：此设备、手机或安全密钥。', name: '名称', nameHint: '以便日后辨认。', defaultName: '我的设备', make: '继续',
    since: '添加于 {when}', unused: '尚未使用', cloned: '疑似被复制', clonedText: '{when} 发现另一台设备使用了同一密钥，它已不能用于登录。请移除并重新添加。', remove: '移除', removeNamed: '移除通行密钥 {name}', removeText: '移除后无法再用“{name}”登录，您的其他会话会结束。', removed: '通行密钥已移除', refused: '本服务仅支持单点登录，通行密钥不能用于登录。',
    instead: '改用通行密钥', appInstead: '改用验证器应用',
  },
  signOn: {
    title: '单点登录', joined: '已关联', notJoined: '未关联', as: '您可使用 {name} 以 {who} 的身份登录。', since: '关联于 {when}。', hint: '将您的账号与 {name} 关联后，即可用它登录。', join: '关联 {name}', part: '解除关联', partTitle: '解除与 {name} 的关联', onlyWay: '这是您唯一的登录方式，因此不能解除。', partText: '解除后不能再使用 {name} 登录，您的其他会话会结束。', parted: '已解除单点登录关联',
  },
  factor: {
    title: '验证器应用', on: '已启用', off: '未启用', hint: '登录时除密码外，还需输入手机应用中的验证码。这样即使密码泄露，他人也无法登录。', setUp: '设置验证器应用', unused: '您登录时不使用密码，因此不需要验证码。', left: '恢复码已用完。 | 还有 {n} 个恢复码。 | 还有 {n} 个恢复码。', few: '请在用完之前生成新的恢复码。',
    newCodes: '生成新的恢复码', newCodesText: '将生成十个新的恢复码，原有的恢复码随即失效。', turnOff: '停用', turnOffTitle: '停用验证器应用', turnOffText: '停用后登录时不再需要验证码。恢复码随即失效，您的其他会话会结束。', turnedOff: '验证器应用已停用',
    step: '第 {n} 步，共 3 步：', getApp: '准备应用', step1: '输入密码', step2: '验证器应用', step3: '恢复码', about: '您需要手机上的验证器应用，或能生成验证码的密码管理器。', next: '下一步', qr: '供验证器应用扫描的二维码', scan: '用应用扫描二维码，或在应用中输入下面的密钥，然后填写应用显示的验证码。', secret: '应用的密钥', turnOn: '启用',
    codes: '恢复码', codesText: '如果手机丢失，可以用恢复码登录，每个只能使用一次。请妥善保存：它们只显示这一次。', codesOf: '{name} 的恢复码（monitor，{host}）', download: '下载', print: '打印', kept: '我已保存', done: '完成',
    required: '设置双重验证', requiredText: '您的账号必须启用双重验证，之后才能使用其他功能。',
  },
}
