import { usePreferredDark, useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watch } from 'vue'
import { tellMissing } from '@/composables/missingCode'
import type { Locale } from '@/locales'
import { defaultLocale, showIn } from '@/locales'

export type Theme = 'system' | 'light' | 'dark'

/** A user's preferences on this device. The language is in the profile too, for e-mails. */
export const usePreferences = defineStore('preferences', () => {
  // The keys are read by public/early.js too. `raw` text, so that both sides read the same.
  const theme = useStorage<Theme>('theme', 'system', undefined, { writeDefaults: false })
  const locale = useStorage<Locale>('locale', defaultLocale(), undefined, { writeDefaults: false })
  const systemIsDark = usePreferredDark()
  const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value))

  watch(isDark, (dark) => document.documentElement.classList.toggle('dark', dark), { immediate: true })

  async function useLocale(chosen: Locale): Promise<void> {
    try {
      await showIn(chosen)
    } catch {
      return tellMissing({ again: () => useLocale(chosen) })
    }
    locale.value = chosen
  }

  return { theme, locale, isDark, useLocale }
})
