import type { Messages } from '../zh-CN'

const session: Messages['session'] = {
  login: { title: 'Log in', username: 'User name', password: 'Password', submit: 'Log in', tagline: 'Server monitoring with alerts you can trust', defaultHint: 'First log-in: admin / admin123', tooMany: 'Too many attempts. Try again in {span}.', with: 'Log in with {name}', or: 'or',
    errors: { denied: 'The log-in was cancelled, or refused by the single sign-on service.', expired: 'The log-in took too long, or was not started in this browser. Try again.', failed: 'Single sign-on failed. Try again. If it fails again, ask an administrator.', unavailable: 'Single sign-on is unavailable. Try again later.', not_allowed: 'You have no account here. Ask an administrator for one.', taken: 'This identity already belongs to an account, or your account already has one.', other: 'You could not be logged in. Try again.' },
  },
  code: {
    of: 'The account {name} is protected by a second factor.', app: 'Code', appHint: 'From your authenticator app. Each code works once.', appOther: 'Use a recovery code', recovery: 'Recovery code', recoveryHint: 'One of the codes that you kept. Each works once.', recoveryOther: 'Use a code from the app', back: 'Use another account',
  },
  confirm: {
    title: 'Confirm who you are', why: 'This change needs a recent log-in.', anew: 'This change needs a recent log-in. Log in again, then repeat it. Unsaved changes are lost.', cancelled: 'Nothing was changed, because you did not confirm who you are.',
  },
  again: {
    title: 'Log in again', expired: 'Your session has expired.', elsewhere: 'Your session was ended elsewhere.', password: 'Your password was changed, which ended your session.', stolen: 'Your session was ended for safety: an old copy of its token was used. If that was not you, change your password.', unknown: 'Your session has ended.',
    kept: 'What you entered is still there.', anew: 'Log in again to come back to this page. Unsaved changes are lost.', leave: 'Leave', leaveHint: 'Goes to the log-in page. Unsaved changes are lost.',
  },
  passkey: {
    logIn: 'Log in with a passkey', confirm: 'Use a passkey', known: 'This device has a passkey of yours for this server already.', elsewhere: 'The passkeys of this server belong to another address. Open this page there.', unsupported: 'This browser or device does not support passkeys.', insecure: 'Passkeys work over HTTPS (or on localhost) only.',
  },
  password: {
    title: 'Change password', forced: 'Change the default password to continue.', temporary: 'An administrator set your password. Choose your own to continue.', old: 'Current password', new: 'New password', repeat: 'Repeat new password', mismatch: 'The passwords do not match', rule: '8 to 128 characters, different from the user name, and not a common password.', done: 'Password changed. All other sessions have ended.', submit: 'Change password',
  },
}

export default session
