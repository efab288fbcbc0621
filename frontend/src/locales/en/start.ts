import account from './account'
import common from './common'

/** All the words until somebody is logged in. */
export default { account, common }
