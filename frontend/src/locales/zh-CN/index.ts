import accounts from './accounts'
import alerts from './alerts'
import checkIns from './checkIns'
import checks from './checks'
import cluster from './cluster'
import common from './common'
import configuration from './configuration'
import notifications from './notifications'
import overview from './overview'
import policies from './policies'
import server from './server'
import servers from './servers'
import session from './session'
import settings from './settings'
import silences from './silences'
import teams from './teams'

const messages = { accounts, alerts, checkIns, checks, cluster, common, configuration, notifications, overview, policies, server, servers, session, settings, silences, teams }

/** The keys that every language must have: a missing text is a type error. */
export type Messages = Widened<typeof messages>

type Widened<T> = { [K in keyof T]: T[K] extends string ? string : Widened<T[K]> }

export default messages
