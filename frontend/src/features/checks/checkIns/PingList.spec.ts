import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { fakeServer, shown } from '@/testing/fakeServer'

it('shows what a job sent as text', async () => {
  document.body.replaceChildren()
  const server = fakeServer()
  const body = '<img src=x onerror="alert(1)"> 17 tables'
  server.answers['GET /api/check-ins/5/pings'] = () => [
    { at: '2026-11-27 03:00:04', kind: 'fail', status: 3, duration: 64, body, address: '192.0.2.7' },
    { at: '2026-11-27 03:00:00', kind: 'start', status: null, duration: null, body: '', address: '192.0.2.7' },
  ]
  const { default: PingList } = await import('./PingList.vue')
  const { wrapper } = await shown(PingList, {}, { id: 5, newest: null })
  await flushPromises()
  expect(wrapper.findAll('li')).toHaveLength(2)
  expect(wrapper.find('pre').text()).toBe(body)
  expect(wrapper.find('img').exists()).toBe(false)
  expect(wrapper.text()).toContain('exit status 3')
  expect(wrapper.text()).toContain('took 1 min 4 s')
})
