import 'element-plus/theme-chalk/el-var.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/menu.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { useTokensOf } from './api/http'
import { i18n, showIn } from './locales'
import { router } from './router'
import { usePreferences } from './stores/preferences'
import { useSession } from './stores/session'

async function start(): Promise<void> {
  const app = createApp(App).use(createPinia()).use(i18n)
  const session = useSession()
  useTokensOf({ token: () => session.token, renew: () => session.renew() })
  await showIn(usePreferences().locale)
  app.use(router)
  await router.isReady()
  app.mount('#app')
}

void start()
