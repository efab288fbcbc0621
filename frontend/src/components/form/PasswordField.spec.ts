import { expect, it } from 'vitest'
import { fakeServer, shown } from '@/testing/fakeServer'

fakeServer()
const { default: PasswordField } = await import('./PasswordField.vue')
const GIVEN = { modelValue: '', label: 'New password', name: 'new', hint: 'Long enough', isNew: true }

it('shows the password and hides it again', async () => {
  const { wrapper } = await shown(PasswordField, {}, GIVEN)
  const field = wrapper.get('input')
  expect(field.attributes()).toMatchObject({ type: 'password', autocomplete: 'new-password', maxlength: '256' })
  await wrapper.get('button[aria-label="Show password"]').trigger('click')
  expect(field.attributes('type')).toBe('text')
  await wrapper.get('button[aria-label="Hide password"]').trigger('click')
  expect(field.attributes('type')).toBe('password')
  wrapper.unmount()
})

it('is described by its error and its hint', async () => {
  const { wrapper } = await shown(PasswordField, {}, { ...GIVEN, error: 'Too short' })
  const described = wrapper.get('input').attributes('aria-describedby')?.split(' ') ?? []
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual(['Too short', 'Long enough'])
  expect(wrapper.get('[role=alert]').text()).toBe('Too short')
  wrapper.unmount()
})
