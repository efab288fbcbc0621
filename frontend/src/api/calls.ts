import type { paths } from './schema'

/** What the server's own description says of each call: its path, query, body and answer. */
type Verb = 'get' | 'post' | 'put' | 'delete'

/** The addresses that know the verb. */
export type Address<V extends Verb> = {
  [P in keyof paths]: paths[P][V] extends { responses: object } ? P : never
}[keyof paths]

type PathOf<O> = O extends { parameters: { path: infer P } } ? P : never
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never
type BodyOf<O> = O extends { requestBody?: infer R } ? JsonOf<R> : never
type JsonOf<R> = R extends { content: { 'application/json': infer B } } ? B : never

/** Empty filters are left out. */
type Filters<Q> = { [K in keyof Q]?: Q[K] | null | '' }

/** The `data` of a success. */
export type Data<V extends Verb, P extends Address<V>> = paths[P][V] extends {
  responses: { 200: { content: { 'application/json': { data: infer D } } } }
}
  ? D
  : never

/** What a caller may add to a call: filters, a signal that aborts it, milliseconds to wait. */
export interface Asked<V extends Verb, P extends Address<V>> {
  query?: [QueryOf<paths[P][V]>] extends [never] ? never : Filters<QueryOf<paths[P][V]>>
  signal?: AbortSignal
  timeout?: number
}

/** A call needs a path and a body where the description has them. */
export type Call<V extends Verb, P extends Address<V>> = Asked<V, P> &
  ([PathOf<paths[P][V]>] extends [never] ? { path?: never } : { path: PathOf<paths[P][V]> }) &
  ([BodyOf<paths[P][V]>] extends [never] ? { body?: never } : { body: BodyOf<paths[P][V]> })

/** The call itself may be left out where nothing is needed. */
export type Given<V extends Verb, P extends Address<V>> =
  Partial<Call<V, P>> extends Call<V, P> ? [call?: Call<V, P>] : [call: Call<V, P>]
