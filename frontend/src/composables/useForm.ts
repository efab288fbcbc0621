import { computed, reactive, ref, shallowRef } from 'vue'
import type { ApiError } from '@/api/envelope'
import { asApiError } from './errors'

/**
 * A form's values, the server's errors by field, and its sending. `submit` returns the answer, or undefined if it
 * failed. `failure` is the error, `unplaced` the same if no field shows it.
 */
export function useForm<Values extends object, Answer>(
  initial: () => Values,
  send: (values: Values) => Promise<Answer>,
) {
  const values = reactive(initial()) as Values
  const saved = ref(JSON.stringify(initial()))
  const fields = shallowRef<Record<string, string>>({})
  const failure = shallowRef<ApiError>()
  const isSending = shallowRef(false)
  const unplaced = computed(() => (Object.keys(fields.value).length === 0 ? failure.value : undefined))
  const isChanged = computed(() => JSON.stringify(values) !== saved.value)

  function reset(to: Values = initial()): void {
    Object.assign(values, to)
    // Of the values and not of *to*, whose fields may have another order.
    saved.value = JSON.stringify(values)
    fields.value = {}
    failure.value = undefined
  }

  const submit = () =>
    attempt(async () => {
      const answer = await send(values)
      saved.value = JSON.stringify(values)
      return answer
    })

  /** Does other *work* with the values, and shows its errors at the fields too. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (isSending.value) return undefined
    isSending.value = true
    fields.value = {}
    failure.value = undefined
    try {
      return await work()
    } catch (raw) {
      const error = asApiError(raw)
      fields.value = error.fields
      failure.value = error
      return undefined
    } finally {
      isSending.value = false
    }
  }

  /** The error of a field or of a part of it (`scope.tag`, `tags[0]`). */
  function errorOf(name: string): string {
    const key = Object.keys(fields.value).find(
      (field) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`),
    )
    return key === undefined ? '' : (fields.value[key] ?? '')
  }

  return { values, errorOf, fields, failure, unplaced, isSending, isChanged, submit, attempt, reset }
}
