import type { Messages } from '../zh-CN'

const account: Messages['account'] = {
  login: { title: 'Log in', username: 'User name', password: 'Password', submit: 'Log in', tagline: 'Server monitoring whose alerts can be trusted', defaultHint: 'First time here: admin / admin123', tooMany: 'Too many attempts. Try again in {span}.' },
  again: {
    title: 'Log in again', expired: 'Your session has expired.', elsewhere: 'Your session was ended elsewhere.', password: 'Your password was changed, which ended your session.', unknown: 'Your session has ended.',
    kept: 'What you have typed is still there.', leave: 'Leave', leaveHint: 'To the log-in page: what is not saved is lost.',
  },
  password: {
    title: 'Change password', forced: 'Change the default password before you go on.', old: 'Current password', new: 'New password', repeat: 'New password again', mismatch: 'The two are not the same', rule: '8 to 128 characters, and not the user name.', done: 'Password changed. All other sessions have ended.', submit: 'Change password',
  },
}

export default account
