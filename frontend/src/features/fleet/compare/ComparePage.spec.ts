import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { aServer } from '@/testing/aServer'
import { fakeServer, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: ComparePage } = await import('./ComparePage.vue')
let unmount = () => {}
afterEach(() => unmount())

const column = (value: number) => ({ avg: [value], min: [value], max: [value] })

async function compared(query: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/servers/compare', component: {} }] })
  await router.push(`/servers/compare${query}`)
  const { wrapper } = await shown(ComparePage, {}, {}, [router])
  unmount = () => wrapper.unmount()
  await flushPromises()
  return { wrapper, router }
}

const seriesAsked = () => server.asked.map(([call]) => call).filter((call) => call.endsWith('/series'))

beforeEach(() => {
  server.asked = []
  const now = Math.floor(Date.now() / 1000)
  server.answers = {
    'GET /api/servers': () => [aServer(1), aServer(2)],
    'GET /api/servers/names': () => [],
    'GET /api/servers/ordered': () => ({ matching: 0, servers: [] }),
  }
  for (const id of [1, 2])
    server.answers[`GET /api/servers/${id}/series`] = () => ({
      resolution: 15,
      time: [now - 60],
      coverage: [1],
      cpu: column(10 * id),
      memory: column(50),
      disk: column(60),
    })
})

it('shows one chart for each metric, with a line for each server', async () => {
  const { wrapper } = await compared('?servers=1,2')
  expect(wrapper.findAll('h2').map((title) => title.text())).toEqual(['CPU', 'Memory', 'Disk'])
  const [cpu] = wrapper.findAll('section.compared')
  expect(cpu?.findAll('button.line').map((line) => line.text())).toEqual([
    expect.stringMatching(/web-1.*10\s%/),
    expect.stringMatching(/web-2.*20\s%/),
  ])
})

it('hides a line in all charts', async () => {
  const { wrapper } = await compared('?servers=1,2&metrics=cpu,memory')
  await wrapper.findAll('button.line')[0]!.trigger('click')
  const pressed = wrapper.findAll('button.line').map((line) => line.attributes('aria-pressed'))
  expect(pressed).toEqual(['false', 'true', 'false', 'true'])
})

it('says once which servers the reader does not see, and shows the others', async () => {
  const { wrapper } = await compared('?servers=1,2,77')
  expect(wrapper.findAll('[role=status].note').map((note) => note.text())).toEqual([
    expect.stringMatching(/^1 server is missing.*\(#77\)/),
  ])
  expect(seriesAsked().sort()).toEqual(['GET /api/servers/1/series', 'GET /api/servers/2/series'])
})

it('compares the first ten of a longer list, each once', async () => {
  const ids = [1, 1, 2, ...Array.from({ length: 20 }, (_, index) => 100 + index)]
  const { wrapper } = await compared(`?servers=${ids.join()}`)
  expect(wrapper.text()).toContain('Only the first 10')
  expect(wrapper.text()).toContain('8 servers are missing')
})

it('asks for nothing that an address must not have', async () => {
  const { wrapper } = await compared('?servers=x,-1,0,1.5&metrics=A B,cpu')
  expect(wrapper.text()).toContain('Nothing to compare yet')
  expect(seriesAsked()).toEqual([])
})

it('keeps in the address what is taken away', async () => {
  const { wrapper, router } = await compared('?servers=1,2&range=24h')
  await wrapper.find('.el-tag__close').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.fullPath).toBe('/servers/compare?servers=2&range=24h')
  expect(wrapper.text()).toContain('Add another server')
})
