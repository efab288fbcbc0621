import type { Component } from 'vue'
import { defineAsyncComponent, defineComponent, h, shallowRef, watch } from 'vue'
import { loadAgain } from './loadAgain'
import { tellMissing } from './missingCode'

type Loader<T> = () => Promise<{ default: T }>

/** A component whose code is loaded when it is first shown. Shows a notice if that fails. */
export function lazily<T extends Component>(load: Loader<T>): T {
  return defineAsyncComponent({
    loader: () => loadAgain(load as Loader<Component>),
    onError: (_, retry) => void tellMissing({ again: retry }),
  }) as unknown as T
}

/** The same for a dialog. It closes if the user gives up, and tries again when it is opened next. */
export function lazyDialog<T extends Component>(load: Loader<T>): T {
  const dialog = shallowRef<Component>()
  return defineComponent({
    inheritAttrs: false,
    props: { modelValue: Boolean },
    setup(props, { attrs }) {
      const close = () => (attrs['onUpdate:modelValue'] as ((isOpen: boolean) => void) | undefined)?.(false)

      async function get(): Promise<void> {
        try {
          dialog.value = (await loadAgain(load)).default
        } catch {
          void tellMissing({ again: get, closed: close })
        }
      }

      watch(
        () => props.modelValue,
        (isOpen) => isOpen && dialog.value === undefined && void get(),
        { immediate: true },
      )
      return () => dialog.value && h(dialog.value, { ...attrs, modelValue: props.modelValue })
    },
  }) as unknown as T
}
