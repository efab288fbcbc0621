import type { Messages } from '../zh-CN'
import account from './account'
import admin from './admin'
import alerts from './alerts'
import common from './common'
import overview from './overview'
import policies from './policies'
import server from './server'
import servers from './servers'
import silences from './silences'

const messages: Messages = { account, admin, alerts, common, overview, policies, server, servers, silences }

export default messages
