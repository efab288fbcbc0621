import type { Messages } from '../zh-CN'
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

const messages: Messages = { accounts, alerts, checkIns, checks, cluster, common, configuration, notifications, overview, policies, server, servers, session, settings, silences, teams }

export default messages
