// Shows the alerts that the server pushes to this browser, also while no page is open. It answers no requests and keeps
// nothing: what a monitor showed a minute ago may be wrong now.
const WORDS = {
  en: { acknowledge: 'Acknowledge', open: 'Open', done: 'Acknowledged', ended: 'The alert has ended', alert: 'Alert' },
  zh: { acknowledge: '确认', open: '打开', done: '已确认', ended: '告警已结束', alert: '告警' },
}
const LOOKS = { icon: '/icons/icon-192.png', badge: '/icons/badge-96.png' }
const LONG = [300, 150, 300, 150, 300]
const SHORT = [200]

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('push', (event) => event.waitUntil(show(read(event.data))))
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(choose(event.notification, event.action))
})

function read(data) {
  try {
    return data.json() ?? {}
  } catch {
    return {} // A browser wants a notification for each push, whatever is in it.
  }
}

function wordsIn(locale) {
  return /^en\b/i.test(locale || self.navigator.language) ? WORDS.en : WORDS.zh
}

/** A newer message about an alert takes the place of the older one, and rings again. */
function show({ title, body, link, ack_link, level, tag, locale }) {
  const words = wordsIn(locale)
  const isCritical = level === 'critical'
  return self.registration.showNotification(title || words.alert, {
    ...LOOKS,
    body,
    tag: tag || '',
    renotify: Boolean(tag),
    vibrate: isCritical ? LONG : SHORT,
    requireInteraction: isCritical,
    actions: [
      ...(ack_link ? [{ action: 'acknowledge', title: words.acknowledge }] : []),
      ...(link ? [{ action: 'open', title: words.open }] : []),
    ],
    data: { link, ack_link, locale },
  })
}

async function choose({ title, tag, data }, action) {
  const { link, ack_link, locale } = data ?? {}
  if (action !== 'acknowledge') return openPage(link ?? '/')
  const state = await acknowledge(ack_link)
  if (state === undefined) return self.clients.openWindow(ack_link)
  const body = wordsIn(locale)[state === 'firing' ? 'done' : 'ended']
  return self.registration.showNotification(title, { ...LOOKS, body, tag: tag || '', silent: true, data: { link } })
}

/** The link holds all that is needed: no log-in, no cookie. Returns the alert's state, if the server has taken it. */
async function acknowledge(link) {
  try {
    const answer = await fetch(link, { method: 'POST', credentials: 'omit', body: new URLSearchParams() })
    return answer.ok ? answer.headers.get('Alert-State') : undefined
  } catch {
    return undefined
  }
}

/** In a tab that is open already, which may hold what somebody is typing: it asks before it leaves that. */
async function openPage(link) {
  const { origin, href, pathname, search } = new URL(link, self.location.origin)
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const own = tabs.filter((tab) => new URL(tab.url).origin === origin && !new URL(tab.url).pathname.startsWith('/ack/'))
  const tab = own.find((each) => each.url === href) ?? own.find((each) => each.focused) ?? own[0]
  if (tab === undefined) return self.clients.openWindow(href)
  tab.postMessage({ open: pathname + search })
  return tab.focus()
}
