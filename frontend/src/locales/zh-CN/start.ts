import common from './common'
import session from './session'

/** All the words until somebody is logged in. */
export default { common, session }
