import type { paths } from './schema'

/** Types of each call, from the server's OpenAPI document: path, query, body and answer. */
type Verb = 'get' | 'post' | 'put' | 'delete'

/** The addresses that have this verb. */
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

/** Optional parts of a call: filters, a signal that aborts it, a timeout in milliseconds, and headers. */
export interface Asked<V extends Verb, P extends Address<V>> {
  query?: [QueryOf<paths[P][V]>] extends [never] ? never : Filters<QueryOf<paths[P][V]>>
  signal?: AbortSignal
  timeout?: number
  headers?: Record<string, string>
}

/** A call, with path and body if the address has them. */
export type Call<V extends Verb, P extends Address<V>> = Asked<V, P> &
  ([PathOf<paths[P][V]>] extends [never] ? { path?: never } : { path: PathOf<paths[P][V]> }) &
  ([BodyOf<paths[P][V]>] extends [never] ? { body?: never } : { body: BodyOf<paths[P][V]> })

/** Optional if the call needs no path and no body. */
export type Given<V extends Verb, P extends Address<V>> =
  Partial<Call<V, P>> extends Call<V, P> ? [call?: Call<V, P>] : [call: Call<V, P>]
