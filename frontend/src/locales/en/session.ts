import type { Messages } from '../zh-CN'

const session: Messages['session'] = {
  login: { title: 'Log in', username: 'User name', password: 'Password', submit: 'Log in', tagline: 'Server monitoring with alerts you can trust', defaultHint: 'First log-in: admin / admin123', tooMany: 'Too many attempts. Try again in {span}.' },
  again: {
    title: 'Log in again', expired: 'Your session has expired.', elsewhere: 'Your session was ended elsewhere.', password: 'Your password was changed, which ended your session.', stolen: 'Your session was ended for safety: an old copy of its token was used. If that was not you, change your password.', unknown: 'Your session has ended.',
    kept: 'What you entered is still there.', leave: 'Leave', leaveHint: 'Goes to the log-in page. Unsaved changes are lost.',
  },
  password: {
    title: 'Change password', forced: 'Change the default password to continue.', temporary: 'An administrator set your password. Choose your own to continue.', old: 'Current password', new: 'New password', repeat: 'Repeat new password', mismatch: 'The passwords do not match', rule: '8 to 128 characters, different from the user name, and not a common password.', done: 'Password changed. All other sessions have ended.', submit: 'Change password',
  },
}

export default session
