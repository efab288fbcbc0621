import type { Language } from 'element-plus/es/locale/index.mjs'
import { localeContextKey } from 'element-plus/es/hooks/use-locale/index.mjs'
import { provide, shallowRef, watch } from 'vue'
import { usePreferences } from '@/stores/preferences'

const words = shallowRef<Language>()

/** Gives the library's components in this one their texts in the selected language. English until they are loaded. */
export function useLibraryLocale(): void {
  const preferences = usePreferences()
  provide(localeContextKey, words)
  watch(
    () => preferences.locale,
    async (locale) => {
      const found = await (
        locale === 'en' ? import('element-plus/es/locale/lang/en.mjs') : import('element-plus/es/locale/lang/zh-cn.mjs')
      ).catch(() => undefined)
      if (found !== undefined && locale === preferences.locale) words.value = found.default
    },
    { immediate: true },
  )
}
