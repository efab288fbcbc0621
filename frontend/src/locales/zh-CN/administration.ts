import cluster from './cluster'
import configuration from './configuration'
import notifications from './notifications'
import settings from './settings'
import teams from './teams'

/** The texts that only pages for administrators have. */
export default { cluster, configuration, notifications, settings, teams }
