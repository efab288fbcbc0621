import { expect, it } from 'vitest'
import { safePath } from './nextPage'

it.each([
  ['/servers?q=a', '/servers?q=a'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  [['/a', '/b'], '/'],
  [undefined, '/'],
])('%o leads to %s', (given, path) => expect(safePath(given)).toBe(path))
