import { expect, it, vi } from 'vitest'

it('loads the texts of pages for administrators with the first of these pages, in each language after that', async () => {
  vi.resetModules()
  const { i18n, loadWords, showIn } = await import('./index')
  const has = (key: string) => i18n.global.te(key, i18n.global.locale.value)
  await showIn('en')
  expect([has('session.login.title'), has('policies.title'), has('configuration.plan')]).toEqual([true, false, false])
  await loadWords(false)
  expect([has('session.login.title'), has('policies.title'), has('configuration.plan')]).toEqual([true, true, false])
  await loadWords(true)
  await loadWords(false)
  await showIn('zh-CN')
  expect([has('session.login.title'), has('policies.title'), has('configuration.plan')]).toEqual([true, true, true])
})
