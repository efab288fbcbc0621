import { mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n } from '@/locales'

/** The result of the composable *use* on a page at this address. */
export async function onPage<T>(path: string, use: () => T) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/page', component: {} }] })
  await router.push(path)
  let held: T | undefined
  const page = mount(
    {
      setup: () => {
        held = use()
        return () => null
      },
    },
    { global: { plugins: [router, i18n] } },
  )
  return { router, page, held: held! }
}

/** Waits for pending promises. */
export const settled = () => new Promise((resolve) => setTimeout(resolve))
