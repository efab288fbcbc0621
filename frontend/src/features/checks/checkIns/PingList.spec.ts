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

it('an opened output stays open when the next ping comes', async () => {
  const server = fakeServer()
  const aPing = (at: string) => ({
    at: `2026-11-27 ${at}`,
    kind: 'success',
    status: null,
    duration: null,
    body: `of ${at}`,
    address: '192.0.2.7',
  })
  let pings = [aPing('03:00:04'), aPing('03:00:04'), aPing('02:00:00')]
  server.answers['GET /api/check-ins/5/pings'] = () => pings
  const { default: PingList } = await import('./PingList.vue')
  const { wrapper } = await shown(PingList, {}, { id: 5, newest: 'a' })
  await flushPromises()
  const opened = wrapper.findAll('details')[2]?.element
  opened?.setAttribute('open', '')
  pings = [aPing('04:00:00'), ...pings]
  await wrapper.setProps({ newest: 'b' })
  await flushPromises()
  expect(wrapper.findAll('details')).toHaveLength(4)
  expect(wrapper.findAll('details')[3]?.element).toBe(opened)
})
