import { ElMessageBox } from 'element-plus/es/components/message-box/index.mjs'
import 'element-plus/es/components/message-box/style/css'
import { useEventListener } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'
import { useSession } from '@/stores/session'

/** Asks before the user leaves a page with unsaved changes or closes the tab. */
export function useLeaveGuard(isChanged: () => boolean): void {
  const { t } = useI18n()
  const session = useSession()

  onBeforeRouteLeave(async () => {
    // After log-out there is no page to stay on.
    if (!session.isLoggedIn || !isChanged()) return true
    return ElMessageBox.confirm(t('common.state.leave'), '', { type: 'warning' }).then(
      () => true,
      () => false,
    )
  })
  useEventListener(window, 'beforeunload', (event) => {
    if (isChanged()) event.preventDefault()
  })
}
