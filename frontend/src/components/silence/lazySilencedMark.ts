import type { FunctionalComponent } from 'vue'
import { defineAsyncComponent, h } from 'vue'
import type { Silenced } from '@/api/types'

const SilencedMark = defineAsyncComponent(() => import('./SilencedMark.vue'))

/** For the first page: the code of the mark comes with the first silence that acts. */
const LazySilencedMark: FunctionalComponent<{ acting: Silenced[] | undefined; look?: 'full' | 'short' | 'icon' }> = (props, { attrs }) =>
  props.acting?.length ? h(SilencedMark, { ...attrs, ...props }) : null
LazySilencedMark.props = ['acting', 'look']

export default LazySilencedMark
