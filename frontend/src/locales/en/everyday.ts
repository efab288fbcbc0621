import accounts from './accounts'
import alerts from './alerts'
import checkIns from './checkIns'
import checks from './checks'
import common from './common'
import overview from './overview'
import policies from './policies'
import server from './server'
import servers from './servers'
import session from './session'
import silences from './silences'

/** The texts of the pages that all have. */
export default { accounts, alerts, checkIns, checks, common, overview, policies, server, servers, session, silences }
