/** A message of the service worker: the user chose a notification, whose alert is at this address. */
interface Chosen {
  open?: string
}

let isStarted = false

/** Registers the service worker, which shows pushed alerts. *open*: shows in this tab what the user chooses there. */
export function startWorker(open: (path: string) => unknown): void {
  if (isStarted || !window.isSecureContext || !('serviceWorker' in navigator)) return
  isStarted = true
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<Chosen | null>) => {
    if (data?.open) open(data.open)
  })
  // Without it the screen works as before. Who lets this browser show alerts sees why that fails.
  void registered().catch(() => undefined)
}

/** Throws what the browser throws. */
export async function registered(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' })
  return navigator.serviceWorker.ready
}
