/** Addresses that the server's document does not describe yet. */
declare module './schema' {
  interface paths {
    '/api/auth/methods': {
      get: {
        responses: { 200: { content: { 'application/json': { code: number; msg: string; data: { password: boolean; oidc: { name: string } | null; passkeys: boolean } } } } }
      }
      put?: never
      post?: never
      delete?: never
    }
  }
}

export {}
