import type { PasskeyAnswer, PasskeyCreationOptions, PasskeyRequestOptions } from '@/api/types'

/** A browser's answer as JSON. */
export type PasskeyJson = PasskeyAnswer['credential']
/** Why there is no answer. `elsewhere`: the passkeys of this server belong to another address. */
export type PasskeyProblem = 'cancelled' | 'known' | 'elsewhere' | 'unsupported'

export class PasskeyError extends Error {
  constructor(readonly problem: PasskeyProblem) {
    super(problem)
    this.name = 'PasskeyError'
  }
}

/** True if the browser offers passkeys: it does over HTTPS and on localhost only. */
export const offersPasskeys = () =>
  window.isSecureContext && 'PublicKeyCredential' in window && 'credentials' in navigator

export async function makePasskey(options: PasskeyCreationOptions): Promise<PasskeyJson> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(options) ?? creationOptions(options)
  return answerOf(() => navigator.credentials.create({ publicKey }))
}

export async function signWithPasskey(options: PasskeyRequestOptions): Promise<PasskeyJson> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? requestOptions(options)
  return answerOf(() => navigator.credentials.get({ publicKey }))
}

async function answerOf(ask: () => Promise<Credential | null>): Promise<PasskeyJson> {
  let found: Credential | null
  try {
    found = await ask()
  } catch (error) {
    throw new PasskeyError(problemOf(error instanceof Error ? error.name : ''))
  }
  if (!(found instanceof PublicKeyCredential)) throw new PasskeyError('unsupported')
  return (typeof found.toJSON === 'function' ? found.toJSON() : written(found)) as PasskeyJson
}

function problemOf(name: string): PasskeyProblem {
  // NotAllowedError: cancelled, timed out, or no passkey. Browsers do not tell which.
  if (name === 'NotAllowedError' || name === 'AbortError') return 'cancelled'
  if (name === 'InvalidStateError') return 'known'
  return name === 'SecurityError' ? 'elsewhere' : 'unsupported'
}

// What older browsers lack.

function creationOptions({
  challenge,
  user,
  excludeCredentials,
  ...rest
}: PasskeyCreationOptions): PublicKeyCredentialCreationOptions {
  return {
    ...rest,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: excludeCredentials.map(descriptor),
  }
}

function requestOptions({
  challenge,
  allowCredentials,
  ...rest
}: PasskeyRequestOptions): PublicKeyCredentialRequestOptions {
  return { ...rest, challenge: bytes(challenge), allowCredentials: allowCredentials.map(descriptor) }
}

const descriptor = ({ id, type, transports }: PasskeyRequestOptions['allowCredentials'][number]) => ({
  id: bytes(id),
  type,
  transports: transports as AuthenticatorTransport[] | undefined,
})

function written({ id, rawId, type, response }: PublicKeyCredential): PasskeyJson {
  return {
    id,
    rawId: base64url(rawId),
    type,
    response:
      response instanceof AuthenticatorAttestationResponse
        ? attestation(response)
        : assertion(response as AuthenticatorAssertionResponse),
  }
}

const attestation = (response: AuthenticatorAttestationResponse) => ({
  clientDataJSON: base64url(response.clientDataJSON),
  attestationObject: base64url(response.attestationObject),
  transports: response.getTransports?.() ?? [],
})

const assertion = ({ clientDataJSON, authenticatorData, signature, userHandle }: AuthenticatorAssertionResponse) => ({
  clientDataJSON: base64url(clientDataJSON),
  authenticatorData: base64url(authenticatorData),
  signature: base64url(signature),
  userHandle: userHandle === null ? null : base64url(userHandle),
})

/** What is written in base64url. */
export const bytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

function base64url(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
