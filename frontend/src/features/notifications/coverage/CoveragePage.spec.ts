import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { button, fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: CoveragePage } = await import('./CoveragePage.vue')
const { default: UsersDialog } = await import('@/components/server/UsersDialog.vue')
let unmount: () => void

const lack = (id: number, why: string, people: string[] = []) => ({ id, server_name: `web-${id}`, why, people })

async function page() {
  server.asked = []
  server.answers = {
    'GET /api/alerts/coverage': () => ({
      complete: false,
      mail_configured: true,
      unwatched_servers: [],
      untold: [],
      unnotified: [lack(1, 'nobody'), lack(2, 'nobody'), lack(3, 'no_way', ['ann', 'ben']), lack(4, 'escalation')],
      unnotified_checks: [],
      failing_channels: [],
      gaps: [],
      unproven: [],
    }),
    'GET /api/users/options': () => [{ id: 8, username: 'eve' }],
    'GET /api/on-call/reach': () => [],
    'GET /api/channels/kinds': () => [],
    'POST /api/servers/batch': () => ({ servers: 2 }),
  }
  const { wrapper } = await shown(CoveragePage)
  unmount = () => wrapper.unmount()
  await flushPromises()
  return wrapper
}

afterEach(() => unmount())

it('says which servers lack whom', async () => {
  const wrapper = await page()
  expect(wrapper.findAll('.lack h3').map((title) => title.text())).toEqual([
    'No one is linked to 2 servers',
    '1 server: none of its people can be notified',
    '1 server: its escalation reaches no one',
  ])
  expect(wrapper.findAll('.lack')[1]?.text()).toContain('(ann, ben)')
  expect(wrapper.findAll('.lack')[2]?.find('button').exists()).toBe(false)
})

it('links people to all servers of a reason, and says so', async () => {
  const wrapper = await page()
  button('Link people to all 2').click()
  await vi.waitFor(() => expect(wrapper.findComponent(UsersDialog).exists()).toBe(true))
  const dialog = wrapper.findComponent(UsersDialog)
  expect(dialog.props('ids')).toEqual([1, 2])
  dialog.vm.$emit('done', [8])
  await vi.waitFor(() => expect(document.body.textContent).toContain('1 person linked to 2 servers'))
  expect(server.asked.filter(([call]) => call === 'GET /api/alerts/coverage')).toHaveLength(2)
})
