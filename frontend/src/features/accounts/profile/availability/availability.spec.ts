import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { aProfile, button, fakeServer, Refusal, shown } from '@/testing/fakeServer'

const server = fakeServer()
const { default: AbsencesCard } = await import('./AbsencesCard.vue')
const { default: QuietHours } = await import('./QuietHours.vue')

const QUIET = { from: '23:00', to: '06:30', timezone: 'Asia/Shanghai', level: 'critical' as const }
const PAST = { starts_at: '2020-01-01 00:00:00', ends_at: '2020-01-05 00:00:00' }
const SOON = { starts_at: '2090-01-01 00:00:00', ends_at: '2090-01-05 00:00:00' }
const LATER = { starts_at: '2091-01-01 00:00:00', ends_at: '2091-01-05 00:00:00' }

const sent = () => server.asked.filter(([call]) => call === 'PUT /api/auth/me').map(([, body]) => body)

async function press(words: string): Promise<void> {
  button(words).click()
  await flushPromises()
}

beforeEach(() => {
  server.asked = []
  server.answers = {
    'PUT /api/auth/me': (change) => aProfile(change),
    'POST /api/on-call/rehearsal': () => ({
      pages: null,
      people: null,
      channels: null,
      unanswered: null,
      job_id: null,
    }),
  }
})

it('quiet hours are saved once they are changed, and turned off with null', async () => {
  const { wrapper } = await shown(QuietHours, { quiet: QUIET })
  expect(wrapper.find('button[type=submit]').exists()).toBe(false)
  await wrapper.find('[name=quiet-to]').setValue('07:15')
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  await wrapper.find('.el-switch').trigger('click')
  await flushPromises()
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(sent()).toEqual([{ quiet: { ...QUIET, to: '07:15' } }, { quiet: null }])
})

it('quiet hours are rehearsed as they are typed', async () => {
  const { wrapper } = await shown(QuietHours, { quiet: QUIET })
  await wrapper.find('[name=quiet-from]').setValue('21:00')
  await press('Rehearse')
  expect(server.asked).toEqual([['POST /api/on-call/rehearsal', { quiet: { ...QUIET, from: '21:00' }, days: 30 }]])
})

it('an error is shown at its field', async () => {
  server.answers['PUT /api/auth/me'] = () => {
    throw new Refusal(400, 'invalid_input', 'wrong', { 'quiet.timezone': 'unknown zone' })
  }
  const { wrapper } = await shown(QuietHours, { quiet: QUIET })
  await wrapper.find('[name=quiet-from]').setValue('21:00')
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  await vi.waitFor(() => expect(wrapper.find('.el-form-item__error').text()).toBe('unknown zone'))
})

it('absences that come are listed, the next first, and one is removed without the past ones', async () => {
  const { wrapper } = await shown(AbsencesCard, { away: [LATER, PAST, SOON] })
  const rows = wrapper.findAll('li').map((row) => row.text())
  expect(rows).toHaveLength(2)
  expect(rows[0]).toContain('2090')
  await wrapper.find('li button').trigger('click')
  await flushPromises()
  expect(sent()).toEqual([{ away: [LATER] }])
})

it('an absence is not saved before both times are chosen', async () => {
  await shown(AbsencesCard, { away: [] })
  await press('Add absence')
  expect(button('Save').disabled).toBe(true)
  await press('Cancel')
  expect(document.body.textContent).not.toContain('Save')
})
