import { shallowRef, watchEffect } from 'vue'
import { useFiring } from '@/stores/firing'
import { writtenCount } from './counts'

const MOST_DIGITS = 99
const USUAL = '/favicon.svg'
const COLOURS = { critical: '#c42b2f', warning: '#9a5b00' }

const page = shallowRef('')

/** Names the page in the browser's tab. */
export function setTitle(name: string): void {
  page.value = name
}

/** The number of firing alerts, in the colour of the worst level. Of more than 99: "99+". */
export function iconOf(n: number, level: keyof typeof COLOURS): string {
  const [written, size] = n > MOST_DIGITS ? [`${MOST_DIGITS}+`, 15] : [String(n), 20]
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${COLOURS[level]}"/><text x="16" y="17" dy=".35em" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="${size}" fill="#fff">${written}</text></svg>`
  return `data:image/svg+xml,${encodeURIComponent(picture)}`
}

/** Keeps title and icon of the tab: with the number of firing alerts, which is seen from other tabs too. */
export function useBrowserTab(): void {
  const firing = useFiring()
  watchEffect(() => {
    const { alerts, isCut, critical } = firing
    const before = alerts.length > 0 ? `(${writtenCount(alerts.length, isCut)}) ` : ''
    if (page.value !== '') document.title = `${before}${page.value} · monitor`
    const icon = alerts.length > 0 ? iconOf(alerts.length, critical > 0 ? 'critical' : 'warning') : USUAL
    document.querySelector('link[rel=icon]')?.setAttribute('href', icon)
  })
}
