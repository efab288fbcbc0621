import { expect, test } from 'vitest'
import { changesOf, usualPort, valuesOf } from './mailForm'

const MAIL = {
  host: 'mail.example.com',
  port: null,
  security: 'tls',
  username: 'ops@example.com',
  has_password: true,
  password_lost: false,
  sender: null,
  base_url: null,
  seen_url: null,
  works: false,
  environment: {},
}

test('only what was changed is sent', () => {
  expect(changesOf(valuesOf(MAIL), MAIL)).toEqual({})
  expect(changesOf({ ...valuesOf(MAIL), port: 2525, host: ' b.example.com ' }, MAIL)).toEqual({
    port: 2525,
    host: 'b.example.com',
  })
  expect(changesOf({ ...valuesOf(MAIL), security: 'none', username: ' ' }, MAIL)).toEqual({
    security: 'none',
    username: null,
  })
})

test('a password is sent as it was typed, and an empty one keeps the stored one', () => {
  expect(changesOf({ ...valuesOf(MAIL), password: ' with spaces ' }, MAIL)).toEqual({ password: ' with spaces ' })
  expect(changesOf({ ...valuesOf(MAIL), sender: 'a@example.com' }, MAIL)).toEqual({ sender: 'a@example.com' })
})

test('a port is usual for its encryption', () => {
  expect((['starttls', 'tls', 'none'] as const).map((security) => usualPort({ ...valuesOf(MAIL), security }))).toEqual([
    587, 465, 25,
  ])
})
