import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, expect, it } from 'vitest'
import type { Alert } from '@/api/types'
import { useFiring } from '@/stores/firing'
import { iconOf, setTitle, useBrowserTab } from './browserTab'

const alert = (level: Alert['level']) => ({ level, server_id: 1 }) as Alert
const icon = () => decodeURIComponent(document.querySelector('link[rel=icon]')!.getAttribute('href')!)

beforeEach(() => {
  setActivePinia(createPinia())
  document.head.innerHTML = '<link rel="icon" href="/favicon.svg">'
})

it('the tab shows how many alerts fire, in the colour of the worst, and is as before when they end', async () => {
  mount({ setup: useBrowserTab, render: () => null })
  setTitle('Overview')
  await nextTick()
  expect([document.title, icon()]).toEqual(['Overview · monitor', '/favicon.svg'])
  useFiring().alerts = [alert('warning'), alert('critical')]
  await nextTick()
  expect(document.title).toBe('(2) Overview · monitor')
  expect(icon()).toBe(decodeURIComponent(iconOf(2, 'critical')))
  setTitle('Alerts')
  useFiring().alerts = []
  await nextTick()
  expect([document.title, icon()]).toEqual(['Alerts · monitor', '/favicon.svg'])
})

it('a large number does not fill the icon', () => {
  expect(decodeURIComponent(iconOf(1234, 'warning'))).toContain('>99+<')
})
