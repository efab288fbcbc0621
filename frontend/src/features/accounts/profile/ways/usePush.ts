import { useStorage } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, shallowRef, watch } from 'vue'
import type { Way } from '@/api/ways'
import { addPush, getPushKey, removePush } from '@/api/ways'
import { useSession } from '@/stores/session'
import { registered } from '@/composables/serviceWorker'
import { bytes } from '@/composables/webauthn'
import { nameOfAgent } from '../userAgent'

/**
 * Whether this browser shows alerts. `homeScreen`: on an iPhone or iPad only once the page is on the home screen.
 * `ended`: it did, and the subscription is gone.
 */
export type PushState = 'insecure' | 'unsupported' | 'homeScreen' | 'denied' | 'off' | 'on' | 'ended'

function obstacle(): PushState | undefined {
  if (!window.isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window))
    return /iPhone|iPad|Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1
      ? 'homeScreen'
      : 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : undefined
}

/** What the server needs to send to a subscription. */
function written(subscription: PushSubscription) {
  const { endpoint, keys } = subscription.toJSON()
  return { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } }
}

/** Notifications of this browser, as one of the user's *ways*. Asks for permission only when `turnOn` is called. */
export function usePush(ways: Ref<Way[] | undefined>) {
  const session = useSession()
  /** Which way this browser is. Its address is a secret that the server does not show. */
  const own = useStorage(`push-way-${session.user?.id ?? 0}`, 0)
  const blocked = shallowRef(obstacle())
  const isSubscribed = shallowRef(false)
  const way = computed(() => ways.value?.find(({ id, kind }) => id === own.value && kind === 'web_push'))
  const state = computed<PushState>(() => {
    if (blocked.value !== undefined) return blocked.value
    if (way.value === undefined) return 'off'
    return way.value.failed !== '' || !isSubscribed.value ? 'ended' : 'on'
  })

  async function refresh(): Promise<void> {
    blocked.value = obstacle()
    if (blocked.value !== undefined || own.value === 0) return
    const registration = await navigator.serviceWorker.getRegistration()
    isSubscribed.value = ((await registration?.pushManager.getSubscription()) ?? null) !== null
  }

  /** Called on a click only. Returns false if the user does not allow it. Throws what the browser or the server says. */
  async function turnOn(): Promise<boolean> {
    const permission = await Notification.requestPermission()
    blocked.value = obstacle()
    if (permission !== 'granted') return false
    const { pushManager } = await registered()
    // An old one may have ended, or belong to another key of the server.
    await (await pushManager.getSubscription())?.unsubscribe()
    const { key } = await getPushKey()
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })
    const label = nameOfAgent(navigator.userAgent) ?? ''
    own.value = (await addPush({ ...written(subscription), label })).id
    isSubscribed.value = true
    return true
  }

  async function turnOff(): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration()
    const subscription = await registration?.pushManager.getSubscription()
    if (subscription) {
      await removePush(subscription.endpoint)
      await subscription.unsubscribe()
    }
    isSubscribed.value = false
    own.value = 0
  }

  watch(ways, () => void refresh(), { immediate: true })
  return { state, way, turnOn, turnOff }
}
