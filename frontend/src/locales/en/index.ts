import type { Messages } from '../zh-CN'
import admin from './admin'
import everyday from './everyday'

const messages: Messages = { ...admin, ...everyday }

export default messages
