import { expect, test } from 'vitest'
import { csvCell } from './download'

test.each([
  ['=cmd()', "'=cmd()"],
  ['-5', "'-5"],
  ['x;=cmd()', "x;'=cmd()"],
  ['x; "@a";+1', `"x;' ""@a"";'+1"`],
  [-5, '-5'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  [null, ''],
])('the cell %s is written %s', (value, written) => {
  expect(csvCell(value)).toBe(written)
})
