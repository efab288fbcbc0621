import { beforeEach } from 'vitest'
import { showIn } from '@/locales'

beforeEach(async () => {
  localStorage.clear()
  await showIn('en')
})
