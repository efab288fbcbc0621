import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { compiled } from './compiled'

const { global } = createI18n({
  legacy: false,
  locale: 'en',
  messages: {
    en: compiled({
      plain: 'Save',
      deep: { named: '{name} at {n} %, {name}' },
      many: 'none | one | {n} of {all}',
      two: '{n} host | {n} hosts',
    }),
  },
})
const t = (key: string, ...more: unknown[]) => (global.t as (...given: unknown[]) => string)(key, ...more)

describe('compiled', () => {
  it('leaves a plain sentence as it is', () => expect(t('plain')).toBe('Save'))
  it('fills in names, as often as they stand there', () =>
    expect(t('deep.named', { name: 'web-1', n: 0 })).toBe('web-1 at 0 %, web-1'))
  it('leaves out what it is not given', () => expect(t('deep.named', { n: 7 })).toBe(' at 7 %, '))
  it('takes nothing in a value for a name', () =>
    expect(t('deep.named', { name: '{n} | x', n: 1 })).toBe('{n} | x at 1 %, {n} | x'))
  it.each([
    [0, 'none'],
    [1, 'one'],
    [5, '5 of 9'],
  ])('chooses the plural of %i among three', (n, words) => expect(t('many', { n, all: 9 }, n)).toBe(words))
  it.each([
    [0, '0 hosts'],
    [1, '1 host'],
    [2, '2 hosts'],
  ])('chooses the plural of %i among two', (n, words) => expect(t('two', n)).toBe(words))
})
