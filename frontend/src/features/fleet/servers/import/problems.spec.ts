import { expect, test } from 'vitest'
import { lineProblems } from './problems'

test('problems are in the order of the file, those of one line in the order of the answer', () => {
  const fields = { 'line 10.port': 'p', 'line 2.tags': 't', 'line 2.ip_address': 'i', 'line 3': 'all of it' }
  expect(lineProblems(fields)).toEqual([
    { line: 2, column: 'tags', why: 't' },
    { line: 2, column: 'ip_address', why: 'i' },
    { line: 3, column: '', why: 'all of it' },
    { line: 10, column: 'port', why: 'p' },
  ])
})

test('what names no line comes first, under its own name', () => {
  const found = lineProblems({ 'line 1': 'header', file: 'not UTF-8', 'line x': 'odd' })
  expect(found).toEqual([
    { line: null, column: 'file', why: 'not UTF-8' },
    { line: null, column: 'line x', why: 'odd' },
    { line: 1, column: '', why: 'header' },
  ])
})

test('nothing is wrong', () => {
  expect(lineProblems({})).toEqual([])
})
