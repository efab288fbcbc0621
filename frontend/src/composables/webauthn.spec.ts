import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makePasskey, offersPasskeys, PasskeyError, signWithPasskey } from './webauthn'

const CREATION = {
  rp: { id: 'monitor.test', name: 'monitor' },
  user: { id: '-_8', name: 'ann', displayName: 'ann' },
  challenge: 'AQID',
  pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
  timeout: 1,
  excludeCredentials: [{ id: 'BAU', type: 'public-key' as const, transports: ['usb'] }],
  attestation: 'none' as const,
  authenticatorSelection: {
    residentKey: 'required' as const,
    requireResidentKey: true,
    userVerification: 'required' as const,
  },
}
const REQUEST = {
  challenge: 'AQID',
  timeout: 1,
  rpId: 'monitor.test',
  allowCredentials: [],
  userVerification: 'required' as const,
}

/** As browsers without the newer functions have it. */
class OldCredential {
  readonly id = 'BAU'
  readonly type = 'public-key'
  readonly rawId = buffer(4, 5)
  constructor(readonly response: unknown) {}
}

class Attestation {
  readonly clientDataJSON = buffer(1)
  readonly attestationObject = buffer(251, 255)
}

function buffer(...bytes: number[]): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

const credentials = { create: vi.fn(), get: vi.fn() }

beforeEach(() => {
  vi.stubGlobal('PublicKeyCredential', OldCredential)
  vi.stubGlobal('AuthenticatorAttestationResponse', Attestation)
  vi.stubGlobal('navigator', { credentials })
  vi.stubGlobal('isSecureContext', true)
})
afterEach(() => vi.unstubAllGlobals())

it('is offered in secure contexts of browsers that have it', () => {
  expect(offersPasskeys()).toBe(true)
  vi.stubGlobal('isSecureContext', false)
  expect(offersPasskeys()).toBe(false)
})

describe('without the newer functions of browsers', () => {
  it('makes a passkey', async () => {
    credentials.create.mockResolvedValue(new OldCredential(new Attestation()))
    expect(await makePasskey(CREATION)).toEqual({
      id: 'BAU',
      rawId: 'BAU',
      type: 'public-key',
      response: { clientDataJSON: 'AQ', attestationObject: '-_8', transports: [] },
    })
    const { publicKey } = credentials.create.mock.lastCall![0] as CredentialCreationOptions
    expect(
      [publicKey?.challenge, publicKey?.user.id, publicKey?.excludeCredentials?.[0]?.id].map((each) => [
        ...(each as Uint8Array),
      ]),
    ).toEqual([
      [1, 2, 3],
      [251, 255],
      [4, 5],
    ])
    expect(publicKey?.authenticatorSelection?.userVerification).toBe('required')
  })

  it.each([
    [null, null],
    [buffer(9), 'CQ'],
  ])('signs for %s', async (userHandle, written) => {
    const response = { clientDataJSON: buffer(1), authenticatorData: buffer(2), signature: buffer(3), userHandle }
    credentials.get.mockResolvedValue(new OldCredential(response))
    expect(await signWithPasskey(REQUEST)).toMatchObject({
      response: { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: 'Aw', userHandle: written },
    })
  })
})

it('leaves the forms to the browser where it knows them', async () => {
  vi.stubGlobal(
    'PublicKeyCredential',
    class extends OldCredential {
      static parseRequestOptionsFromJSON = (options: object) => ({ parsed: options })
      toJSON = () => ({ id: 'by the browser' })
    },
  )
  const answer = new PublicKeyCredential()
  credentials.get.mockResolvedValue(answer)
  expect(await signWithPasskey(REQUEST)).toEqual({ id: 'by the browser' })
  expect(credentials.get).toHaveBeenLastCalledWith({ publicKey: { parsed: REQUEST } })
})

it.each([
  ['NotAllowedError', 'cancelled'],
  ['AbortError', 'cancelled'],
  ['InvalidStateError', 'known'],
  ['SecurityError', 'elsewhere'],
  ['NotSupportedError', 'unsupported'],
  ['OtherError', 'unsupported'],
])('tells what %s means', async (name, problem) => {
  credentials.create.mockRejectedValue(new DOMException('', name))
  await expect(makePasskey(CREATION)).rejects.toEqual(new PasskeyError(problem as 'known'))
})

it('takes no answer of another kind', async () => {
  credentials.get.mockResolvedValue(null)
  await expect(signWithPasskey(REQUEST)).rejects.toThrow(PasskeyError)
})
