export default {
  login: { title: '登录', username: '用户名', password: '密码', submit: '登录', tagline: '值得信赖的服务器监控', defaultHint: '首次使用：admin / admin123', tooMany: '尝试次数过多，请在 {span}后重试。' },
  again: {
    title: '重新登录', expired: '会话已过期。', elsewhere: '会话已在别处结束。', password: '密码已修改，会话已结束。', stolen: '检测到有人使用此会话的旧令牌，为安全起见已结束会话。如非本人操作，请修改密码。', unknown: '会话已结束。',
    kept: '您输入的内容仍然保留。', leave: '离开', leaveHint: '返回登录页，未保存的内容将会丢失。',
  },
  password: {
    title: '修改密码', forced: '继续之前，请先修改默认密码。', temporary: '您的密码由管理员设置。继续之前，请改为自己的密码。', old: '当前密码', new: '新密码', repeat: '再次输入新密码', mismatch: '两次输入不一致', rule: '8 到 128 个字符，不能与用户名相同，也不能是常见密码。', done: '密码已修改，其他会话已全部退出。', submit: '修改密码',
  },
}
