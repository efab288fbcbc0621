import common from './common'
import session from './session'

/** The texts needed before log-in. */
export default { common, session }
