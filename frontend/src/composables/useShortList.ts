import { useI18n } from 'vue-i18n'

/** Writes the first things of a list, and how many others there are: "ann · bo · 3 more". */
export function useShortList() {
  const { t } = useI18n()
  return <Thing>(things: Thing[], shown: number, nameOf: (thing: Thing) => string): string => {
    const others = things.length - shown
    return [
      ...things.slice(0, shown).map(nameOf),
      ...(others > 0 ? [t('common.count.others', { n: others })] : []),
    ].join(' · ')
  }
}
