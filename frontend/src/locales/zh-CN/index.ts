import administration from './administration'
import everyday from './everyday'

const messages = { ...administration, ...everyday }

/** The keys that every language must have: a missing text is a type error. */
export type Messages = Widened<typeof messages>

export type Widened<T> = { [K in keyof T]: T[K] extends string ? string : Widened<T[K]> }

export default messages
