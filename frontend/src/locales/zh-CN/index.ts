import account from './account'
import admin from './admin'
import alerts from './alerts'
import common from './common'
import overview from './overview'
import policies from './policies'
import server from './server'
import servers from './servers'
import silences from './silences'

const messages = { account, admin, alerts, common, overview, policies, server, servers, silences }

/** The shape that every other language has to fill: a sentence that is missing there is a type error. */
export type Messages = Widened<typeof messages>

type Widened<T> = { [K in keyof T]: T[K] extends string ? string : Widened<T[K]> }

export default messages
