import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { button, fakeServer, Refusal, shown } from '@/testing/fakeServer'

const MAIL = {
  host: 'mail.example.com',
  port: 587,
  security: 'starttls',
  username: 'ops@example.com',
  has_password: true,
  password_lost: false,
  sender: null,
  base_url: 'https://monitor.example.com',
  seen_url: null,
  works: false,
  environment: { base_url: 'MONITOR_BASE_URL' },
}
const server = fakeServer()
const { default: MailPage } = await import('./MailPage.vue')
let unmount = () => {}

async function page(email: string | null = 'ann@example.com') {
  const { wrapper } = await shown(MailPage, { email })
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

beforeEach(() => {
  server.asked = []
  server.answers = { 'GET /api/settings/mail': () => MAIL }
})
afterEach(() => unmount())

it('shows what the environment sets, which cannot be changed', async () => {
  const wrapper = await page()
  expect(wrapper.text()).toContain('Set by the environment variable MONITOR_BASE_URL')
  expect(wrapper.find<HTMLInputElement>('input[type=url]').element.disabled).toBe(true)
  expect(wrapper.find<HTMLInputElement>('input[type=password]').element.value).toBe('')
})

it('tests what is in the form before it is saved, and says what failed', async () => {
  const wrapper = await page()
  server.answers['POST /api/settings/mail/test'] = () => ({ sent: false, failed: 'login', error: 'login: 535 no' })
  await wrapper.find('input[placeholder="smtp.example.com"]').setValue('other.example.com')
  await wrapper.find('input[type=password]').setValue('hush')
  button('Send test to me').click()
  await flushPromises()
  expect(server.asked.at(-1)).toEqual(['POST /api/settings/mail/test', { host: 'other.example.com', password: 'hush' }])
  expect(wrapper.text()).toContain('The mail server refused the log-in.')
  expect(wrapper.text()).toContain('login: 535 no')
  server.answers['POST /api/settings/mail/test'] = () => ({ sent: true, failed: null, error: null })
  button('Send test to me').click()
  await flushPromises()
  expect(wrapper.text()).toContain('A test was sent to ann@example.com.')
  expect(wrapper.text()).toContain('Save these settings to use them.')
})

it('shows beside the password that another host needs it again', async () => {
  const wrapper = await page()
  server.answers['PUT /api/settings/mail'] = () => {
    throw new Refusal(400, 'invalid_input', 'no', { password: 'is required' })
  }
  await wrapper.find('input[placeholder="smtp.example.com"]').setValue('other.example.com')
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(server.asked.at(-1)).toEqual(['PUT /api/settings/mail', { host: 'other.example.com' }])
  await vi.waitFor(() => expect(wrapper.text()).toContain('is required'))
})

it('sends no test to nobody', async () => {
  await page(null)
  expect(button('Send test to me').disabled).toBe(true)
})
