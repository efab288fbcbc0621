import { expect, test } from 'vitest'
import { addressKey } from './addresses'

test('addresses sort by their numbers, all of IPv4 before IPv6', () => {
  const inOrder = [
    '0.0.0.0', '2.0.0.1', '10.0.0.9', '10.0.0.10', '10.0.0.100', '10.0.1.0', '192.0.2.10', '255.255.255.255',
    '::', '::1', '::ff', '::1:0', '1::', '1::1', '1:0:0:1::', '2001:db8::9', '2001:db8::10', '2001:db8:0:1::', '2001:db8:1::', 'fe80::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]
  const byKey = [...inOrder].reverse().sort((one, other) => (addressKey(one) < addressKey(other) ? -1 : 1))
  expect(byKey).toEqual(inOrder)
})

test.each([
  ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['1::', '1:0:0:0:0:0:0:0'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
])('%s is the same as %s', (short, long) => {
  expect(addressKey(short)).toBe(addressKey(long))
})
