import { beforeEach } from 'vitest'
import { loadAllWords, showIn } from '@/locales'

beforeEach(async () => {
  localStorage.clear()
  await showIn('en')
  await loadAllWords()
})
