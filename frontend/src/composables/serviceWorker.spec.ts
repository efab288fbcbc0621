import { beforeEach, expect, it, vi } from 'vitest'

const [code = ''] = Object.values(
  import.meta.glob<string>('../../public/sw.js', { query: '?raw', import: 'default', eager: true }),
)
const ALERT = {
  title: 'web-1: CPU 99 %',
  body: 'for 5 min',
  link: 'https://monitor.test/alerts/7',
  ack_link: 'https://monitor.test/ack/7-mac',
  level: 'critical',
  tag: 'alert-7',
  locale: 'en',
}
interface Shown {
  tag?: string
  body?: string
  renotify?: boolean
  requireInteraction?: boolean
  silent?: boolean
  actions?: { action: string; title: string }[]
  data?: object
}
type Tab = { url: string; focused?: boolean; focus: () => void; postMessage: (said: object) => void }

let shown: [string, Shown][]
let opened: string[]
let tabs: Tab[]
let asked: [string, RequestInit][]
let answer: () => Promise<Response>
let listeners: Record<string, (event: object) => void>

/** The worker's own scope, as far as it uses it. */
const scope = {
  navigator: { language: 'zh-CN' },
  location: { origin: 'https://monitor.test' },
  addEventListener: (name: string, listener: (event: object) => void) => (listeners[name] = listener),
  registration: { showNotification: async (title: string, options: Shown) => void shown.push([title, options]) },
  clients: {
    matchAll: async () => tabs,
    openWindow: async (url: string) => void opened.push(url),
    claim: async () => undefined,
  },
  skipWaiting: async () => undefined,
}

beforeEach(() => {
  shown = []
  opened = []
  tabs = []
  asked = []
  listeners = {}
  answer = async () => new Response('', { headers: { 'Alert-State': 'firing' } })
  const fetch = (url: string, init: RequestInit) => {
    asked.push([url, init])
    return answer()
  }
  new Function('self', 'fetch', code)(scope, fetch)
})

/** Sends an event, and waits for what the worker does with it. */
async function send(name: string, event: object): Promise<void> {
  let work: unknown
  listeners[name]!({ ...event, waitUntil: (given: unknown) => (work = given) })
  await work
}

const push = (message: unknown) => send('push', { data: { json: () => message } })

async function click(action = ''): Promise<void> {
  const [title, { tag, data }] = shown.at(-1)!
  await send('notificationclick', { action, notification: { title, tag, data, close: () => undefined } })
}

function aTab(url: string) {
  const tab = { url, focus: vi.fn(), postMessage: vi.fn() }
  tabs.push(tab)
  return tab
}

it('shows an alert with what can be done', async () => {
  await push(ALERT)
  const [[title, options]] = shown as [[string, Shown]]
  expect(title).toBe('web-1: CPU 99 %')
  expect(options).toMatchObject({ body: 'for 5 min', tag: 'alert-7', renotify: true, requireInteraction: true })
  expect(options.actions?.map((each) => each.title)).toEqual(['Acknowledge', 'Open'])
})

it('uses the language of the message, else that of the browser', async () => {
  await push({ ...ALERT, locale: 'zh-CN' })
  await push({ ...ALERT, locale: undefined })
  expect(shown.map(([, { actions }]) => actions?.[0]?.title)).toEqual(['确认', '确认'])
})

it('shows something for a push that says nothing, and offers nothing', async () => {
  await send('push', { data: null })
  await send('push', {
    data: {
      json: () => {
        throw new SyntaxError()
      },
    },
  })
  expect(shown.map(([title, { actions, renotify }]) => [title, actions, renotify])).toEqual([
    ['告警', [], false],
    ['告警', [], false],
  ])
})

it('acknowledges by the link, without a cookie, and says so in place of the alert', async () => {
  await push(ALERT)
  await click('acknowledge')
  expect(asked.map(([url, { method, credentials }]) => [url, method, credentials])).toEqual([
    [ALERT.ack_link, 'POST', 'omit'],
  ])
  expect(shown.at(-1)).toMatchObject([ALERT.title, { body: 'Acknowledged', tag: 'alert-7', silent: true }])
  expect(opened).toEqual([])
})

it('does not say that it acknowledged an alert that has ended', async () => {
  answer = async () => new Response('', { headers: { 'Alert-State': 'resolved' } })
  await push(ALERT)
  await click('acknowledge')
  expect(shown.at(-1)).toMatchObject([ALERT.title, { body: 'The alert has ended', tag: 'alert-7', silent: true }])
})

it.each([
  ['refuses', async () => new Response('', { status: 403, headers: { 'Alert-State': 'firing' } })],
  [
    'is away',
    async () => {
      throw new TypeError('Failed to fetch')
    },
  ],
])('opens the link if the server %s', async (_, given) => {
  answer = given
  await push(ALERT)
  await click('acknowledge')
  expect(opened).toEqual([ALERT.ack_link])
  expect(shown).toHaveLength(1)
})

it('opens the alert in a new tab if there is none', async () => {
  aTab('https://elsewhere.test/')
  aTab('https://monitor.test/ack/7-mac')
  await push(ALERT)
  await click()
  expect(opened).toEqual([ALERT.link])
})

it('shows the alert in the tab that is open', async () => {
  const other = aTab('https://elsewhere.test/')
  const own = aTab('https://monitor.test/policies/new')
  await push(ALERT)
  await click('open')
  expect(own.postMessage).toHaveBeenCalledWith({ open: '/alerts/7' })
  expect(own.focus).toHaveBeenCalled()
  expect(other.focus).not.toHaveBeenCalled()
  expect(opened).toEqual([])
})

it('prefers the tab that shows the alert already', async () => {
  aTab('https://monitor.test/servers')
  const same = aTab(ALERT.link)
  await push(ALERT)
  await click()
  expect(same.focus).toHaveBeenCalled()
})
