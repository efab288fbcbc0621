import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import * as servers from '@/api/servers'
import type { Channel } from '@/api/types'
import { i18n } from '@/locales'
import ChannelDialog from './ChannelDialog.vue'
import { KINDS } from '@/testing/kinds'

const team = {
  id: 1,
  name: 'The team',
  kind: 'email',
  settings: { address: 'team@example.com' },
  least_level: 'warning',
  enabled: true,
} as unknown as Channel

beforeEach(() => void vi.spyOn(servers, 'listTags').mockResolvedValue([{ tag: 'web', servers: 1 }]))
afterEach(() => document.body.replaceChildren())

function dialog(channel?: Channel) {
  mount(ChannelDialog, {
    props: { modelValue: true, all: [team], kinds: KINDS, teams: [], channel },
    global: { plugins: [i18n, createPinia()] },
    attachTo: document.body,
  })
  return nextTick()
}

async function typed(address: string): Promise<string> {
  await dialog()
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

it.each([
  [{ secret: '***' }, true, 'Leave empty to keep it'],
  [{}, false, 'Deliveries are signed'],
])(
  'asks for the secrets again if the stored ones cannot be read (%s, readable: %s)',
  async (settings, readable, hint) => {
    await dialog({ ...team, kind: 'webhook', settings, readable } as unknown as Channel)
    expect(document.body.textContent).toContain(hint)
  },
)

it('asks for what the kind declares, whatever the kind is', async () => {
  await dialog({ ...team, kind: 'pigeon', settings: { loft: 'north', ring: '***' } } as unknown as Channel)
  const inputs = [...document.querySelectorAll<HTMLInputElement>('input[name]:not([type=radio])')].map(
    ({ name, type, value, placeholder }) => [name, type, value, placeholder],
  )
  expect(inputs).toEqual([
    ['name', 'text', 'The team', ''],
    ['loft', 'text', 'north', ''],
    ['ring', 'password', '', '***'],
  ])
})

it('is not saved before its scope names something: without servers it would be all of them', async () => {
  await dialog(team)
  const submit = () => document.querySelector<HTMLButtonElement>('button[type=submit]')!
  expect(submit().disabled).toBe(false)
  const servers = [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].find(
    ({ value }) => value === 'servers',
  )
  servers!.click()
  await nextTick()
  expect(submit().disabled).toBe(true)
})
