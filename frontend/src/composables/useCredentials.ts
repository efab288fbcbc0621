import { computed, shallowRef } from 'vue'
import { useForm } from './useForm'

/**
 * A form with a code of the second factor, and mostly a password. The code is asked for once the server wants it, or
 * with *asksFirst* from the start. `submit` returns true if the answer was good.
 */
export function useCredentials<Values extends { code: string }>(
  initial: () => Values,
  send: (values: Values, code?: string) => Promise<unknown>,
  asksFirst = false,
) {
  const asksCode = shallowRef(asksFirst)
  // Apps and people write codes in groups.
  const form = useForm(initial, (values) => send(values, values.code.replace(/\s/g, '') || undefined).then(() => true))
  const reason = computed(() => form.failure.value?.reason)
  const codeError = computed(() =>
    reason.value === 'invalid_code' ? (form.failure.value?.message ?? '') : form.errorOf('code'),
  )
  /** The error of the form, unless the field of the code shows it. */
  const failure = computed(() =>
    codeError.value !== '' || reason.value === 'code_required' ? undefined : form.failure.value,
  )

  async function submit(): Promise<boolean> {
    const isDone = (await form.submit()) === true
    if (reason.value === 'code_required') asksCode.value = true
    if (codeError.value !== '') form.values.code = ''
    return isDone
  }

  function reset(to?: Values): void {
    form.reset(to)
    asksCode.value = asksFirst
  }

  return {
    values: form.values,
    asksCode,
    codeError,
    failure,
    errorOf: form.errorOf,
    isSending: form.isSending,
    isChanged: form.isChanged,
    submit,
    reset,
  }
}
