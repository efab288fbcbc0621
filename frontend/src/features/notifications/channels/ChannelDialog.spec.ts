import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Channel } from '@/api/types'
import { i18n } from '@/locales'
import ChannelDialog from './ChannelDialog.vue'

const team = { id: 1, name: 'The team', kind: 'email', settings: { address: 'team@example.com' }, least_level: 'warning', enabled: true } as unknown as Channel

afterEach(() => document.body.replaceChildren())

async function typed(address: string): Promise<string> {
  mount(ChannelDialog, { props: { modelValue: true, all: [team] }, global: { plugins: [i18n, createPinia()] }, attachTo: document.body })
  await nextTick()
  const input = document.querySelector<HTMLInputElement>('[name=address]')!
  input.value = address
  input.dispatchEvent(new Event('input'))
  await nextTick()
  return document.querySelector('[role=status]')?.textContent.trim() ?? ''
}

it('warns before another channel to the same place is made', async () => {
  expect(await typed('team@example.com')).toBe('“The team” already has the same destination.')
})

it('says nothing of another place', async () => {
  expect(await typed('others@example.com')).toBe('')
})

it.each([[true, 'Leave empty to keep it'], [false, 'Deliveries are signed']])('asks for the secrets anew where the stored ones cannot be read (readable: %s)', async (readable, hint) => {
  const channel = { ...team, kind: 'webhook', settings: {}, readable } as unknown as Channel
  const page = mount(ChannelDialog, { props: { modelValue: false, all: [channel], channel }, global: { plugins: [i18n, createPinia()] }, attachTo: document.body })
  await page.setProps({ modelValue: true })
  await nextTick()
  expect(document.body.textContent).toContain(hint)
})
