import type { Messages } from '../zh-CN'
import administration from './administration'
import everyday from './everyday'

const messages: Messages = { ...administration, ...everyday }

export default messages
