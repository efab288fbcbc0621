// A real OpenID provider for the tests: the npm package oidc-provider, installed with the screen's development tools.
//
//     node issuer.mjs PORT REDIRECT_ADDRESS LEFT_ADDRESS
//
// Who logs in as NAME has the claims that POST /people gave it. POST /behaviour sets how it misbehaves: `iss` (what the
// answer in the browser names), `nonce` (what the ID token names) and `keys` ("rotate" begins to sign with another key).
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { generateKeyPairSync } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const require = createRequire(new URL('../../../../frontend/package.json', import.meta.url))
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)

const [port, redirect, left] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const people = {}
let behaviour = {}

const key = (kid) => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' })

function provider(keys) {
  const made = new Provider(issuer, {
    clients: [{
      client_id: 'monitor', client_secret: 'the secret of the tests: 100%+', redirect_uris: [redirect], post_logout_redirect_uris: [left],
      token_endpoint_auth_method: 'client_secret_basic', response_types: ['code'], grant_types: ['authorization_code'],
    }],
    jwks: { keys },
    cookies: { keys: ['a key of the tests'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'locale', 'groups'], email: ['email', 'email_verified'] },
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    pkce: { required: () => true, methods: ['S256'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, AccessToken: 600, IdToken: 600 },
  })
  made.proxy = false
  return made
}

let keys = [key('1')]
let current = provider(keys)

const read = (request) => new Promise((resolve) => {
  let text = ''
  request.on('data', (part) => (text += part))
  request.on('end', () => resolve(JSON.parse(text || '{}')))
})

/** Changes what the browser brings back. */
function lying(response) {
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status, ...rest) => {
    const location = response.getHeader('location')
    if (typeof location === 'string' && location.startsWith(redirect) && behaviour.iss) {
      const address = new URL(location)
      address.searchParams.set('iss', behaviour.iss)
      response.setHeader('location', address.href)
    }
    return writeHead(status, ...rest)
  }
  return response
}

createServer(async (request, response) => {
  if (request.url === '/people' && request.method === 'POST') Object.assign(people, await read(request))
  else if (request.url === '/behaviour' && request.method === 'POST') {
    behaviour = await read(request)
    if (behaviour.keys === 'rotate') {
      keys = [key(String(Date.now()))]
      current = provider(keys)
    }
  } else {
    const address = new URL(request.url, issuer)
    // As an attacker would who pastes an ID token of another log-in.
    if (address.pathname === '/auth' && behaviour.nonce && address.searchParams.has('nonce')) {
      address.searchParams.set('nonce', behaviour.nonce)
      request.url = address.pathname + address.search
    }
    return current.callback()(request, lying(response))
  }
  response.end()
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
