import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { ApiError } from '@/api/envelope'
import { i18n } from '@/locales'
import { useNotice } from './useNotice'

function wordsFor(error: ApiError): string {
  let words = ''
  mount(
    {
      setup: () => {
        words = useNotice().wordsFor(error)
        return () => null
      },
    },
    { global: { plugins: [i18n] } },
  )
  return words
}

test('what is wrong with a field is said once: the server’s sentence names it', () => {
  const why = 'digest_wait must be from 1 to 3600'
  expect(
    wordsFor(new ApiError(400, 'invalid_input', `Invalid input: ${why}`, { digest_wait: 'must be from 1 to 3600' })),
  ).toBe(`Invalid input: ${why}`)
})

test('an answer without a sentence is no silence', () => {
  expect(wordsFor(new ApiError(502, 'unknown', ''))).not.toBe('')
  expect(wordsFor(new ApiError(0, 'unreachable', ''))).not.toBe('')
})
