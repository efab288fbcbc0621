import { expect, test } from 'vitest'
import { ApiError } from '@/api/envelope'
import { useForm } from './useForm'

const refusing = (fields: Record<string, string>) => () =>
  Promise.reject(new ApiError(400, 'invalid_input', 'no', fields))

test('what the server says of a field stands at that field, also where it names a part of it', async () => {
  const form = useForm(
    () => ({ name: '', tags: [] as string[] }),
    refusing({ name: 'required', 'tags[0]': 'too long' }),
  )
  expect(await form.submit()).toBeUndefined()
  expect([form.errorOf('name'), form.errorOf('tags'), form.errorOf('port')]).toEqual(['required', 'too long', ''])
})

test('a form knows whether it was changed, and no longer is once it was sent', async () => {
  const form = useForm(
    () => ({ name: 'a' }),
    (values) => Promise.resolve(values.name),
  )
  expect(form.isChanged.value).toBe(false)
  form.values.name = 'b'
  expect(form.isChanged.value).toBe(true)
  expect(await form.submit()).toBe('b')
  expect(form.isChanged.value).toBe(false)
})

test('it is unchanged after a reset, whatever the order of the fields', () => {
  const form = useForm(
    () => ({ name: '', port: 0 }),
    () => Promise.resolve(),
  )
  form.reset({ port: 22, name: 'a' })
  expect(form.isChanged.value).toBe(false)
})

test('it is not sent twice while it is being sent', async () => {
  let sent = 0
  const form = useForm(
    () => ({}),
    () => Promise.resolve(++sent),
  )
  expect(await Promise.all([form.submit(), form.submit()])).toEqual([1, undefined])
})

test('a mistake of ours is not taken for an answer of the server', async () => {
  const form = useForm(
    () => ({}),
    () => Promise.reject(new TypeError('bug')),
  )
  await expect(form.submit()).rejects.toThrow('bug')
})
