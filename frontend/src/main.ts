import 'element-plus/theme-chalk/el-var.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import 'element-plus/theme-chalk/el-icon.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/menu.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { useTokensOf } from './api/http'
import { tellMissing } from './composables/missingCode'
import { i18n, showIn } from './locales'
import { router } from './router'
import { useConfirmation } from './stores/confirmation'
import { usePreferences } from './stores/preferences'
import { useSession } from './stores/session'

async function start(): Promise<void> {
  const app = createApp(App).use(createPinia()).use(i18n)
  const session = useSession()
  const confirmation = useConfirmation()
  useTokensOf({
    token: () => session.token,
    renew: (refused) => session.renew(refused.ended),
    confirm: confirmation.ask,
    lacksFactor: session.lacksFactor,
  })
  router.onError(
    (_, to) => void tellMissing({ again: () => router.push(to.fullPath).catch(() => undefined), page: to.fullPath }),
  )
  app.use(router)
  await router.isReady().catch(() => undefined)
  // The router has loaded the texts already, or failed to.
  await showIn(usePreferences().locale)
  app.mount('#app')
}

start().catch(() => {
  // No texts are loaded to show the error.
  document.body.textContent = 'monitor could not be loaded. Please reload this page. 页面加载失败，请重新加载。'
})
