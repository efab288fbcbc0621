import type { FunctionalComponent } from 'vue'
import { defineAsyncComponent, h } from 'vue'
import type { Silenced } from '@/api/types'

const SilencedMark = defineAsyncComponent(() => import('./SilencedMark.vue'))

/** SilencedMark for the first page: its code is loaded with the first active silence. */
const LazySilencedMark: FunctionalComponent<{ acting: Silenced[] | undefined; look?: 'full' | 'short' | 'icon' }> = (
  props,
  { attrs },
) => (props.acting?.length ? h(SilencedMark, { ...attrs, ...props }) : null)
LazySilencedMark.props = ['acting', 'look']

export default LazySilencedMark
