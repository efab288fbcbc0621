export default {
  login: { title: '登录', username: '用户名', password: '密码', submit: '登录', tagline: '值得信赖的服务器监控', defaultHint: '首次使用：admin / admin123', tooMany: '尝试次数过多，请在 {span}后重试。', with: '使用 {name} 登录', or: '或',
    errors: { denied: '登录已取消，或登录方拒绝了您的登录。', expired: '登录已超时，或不是在此浏览器中发起的，请重试。', failed: '单点登录失败，请重试；如仍失败，请联系管理员。', unavailable: '单点登录服务暂不可用，请稍后重试。', not_allowed: '您在此没有账号，请联系管理员创建。', taken: '该身份已关联到其他账号，或您的账号已关联单点登录。', other: '登录未成功，请重试。' },
  },
  code: {
    of: '账号 {name} 已启用双重验证。', app: '验证码', appHint: '来自您的验证器应用，每个验证码只能使用一次。', appOther: '使用恢复码', recovery: '恢复码', recoveryHint: '您保存的恢复码之一，每个只能使用一次。', recoveryOther: '使用应用中的验证码', back: '使用其他账号',
  },
  confirm: {
    title: '重新验证身份', why: '此操作需要最近登录过。', anew: '此操作需要最近登录过。请重新登录后再试，未保存的内容将会丢失。', cancelled: '未做任何更改：您没有重新验证身份。',
  },
  again: {
    title: '重新登录', expired: '会话已过期。', elsewhere: '会话已在别处结束。', password: '密码已修改，会话已结束。', stolen: '检测到有人使用此会话的旧令牌，为安全起见已结束会话。如非本人操作，请修改密码。', unknown: '会话已结束。',
    kept: '您输入的内容仍然保留。', anew: '请重新登录以回到此页面，未保存的内容将会丢失。', leave: '离开', leaveHint: '返回登录页，未保存的内容将会丢失。',
  },
  passkey: {
    logIn: '使用通行密钥登录', confirm: '使用通行密钥验证', known: '此设备上已有您在本服务的通行密钥。', elsewhere: '本服务的通行密钥属于另一个网址，请用该网址打开此页面。', unsupported: '此浏览器或设备不支持通行密钥。', insecure: '通行密钥只能在 HTTPS（或 localhost）网址下使用。',
  },
  password: {
    title: '修改密码', forced: '继续之前，请先修改默认密码。', temporary: '您的密码由管理员设置。继续之前，请改为自己的密码。', old: '当前密码', new: '新密码', repeat: '再次输入新密码', mismatch: '两次输入不一致', rule: '8 到 128 个字符，不能与用户名相同，也不能是常见密码。', done: '密码已修改，其他会话已全部退出。', submit: '修改密码',
  },
}
