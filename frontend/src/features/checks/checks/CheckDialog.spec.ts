import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { button, fakeServer, Refusal, shown, type, type FakeServer } from '@/testing/fakeServer'

let server: FakeServer

beforeEach(async () => {
  document.body.replaceChildren()
  server = fakeServer()
})

async function open() {
  const { default: CheckDialog } = await import('./CheckDialog.vue')
  const { wrapper } = await shown(
    CheckDialog,
    {},
    { modelValue: true, 'onUpdate:modelValue': (is: boolean) => wrapper.setProps({ modelValue: is }) },
  )
  await flushPromises()
  return wrapper
}
const words = () => document.body.textContent ?? ''

describe('the dialog of a check', () => {
  it('says at each field what the server says is wrong', async () => {
    server.answers['POST /api/checks'] = () => {
      throw new Refusal(400, 'invalid_input', 'no', { name: 'must not be empty', 'expect.status': 'from 100 to 599' })
    }
    await open()
    type('status', '900')
    button('Create').click()
    await flushPromises()
    await vi.waitFor(() => expect(words()).toContain('must not be empty'))
    expect(words()).toContain('from 100 to 599')
  })

  it('sends the whole check, and is closed', async () => {
    server.answers['POST /api/checks'] = (body) => ({ ...body, id: 4 })
    const wrapper = await open()
    type('name', 'Shop')
    type('target', 'https://shop.example/')
    type('status', '204')
    button('Create').click()
    await flushPromises()
    const sent = {
      name: 'Shop',
      kind: 'http',
      target: 'https://shop.example/',
      interval: 60,
      timeout: 10,
      attempts: 2,
      server_id: null,
      depends_on: [],
      expect: { status: 204, statuses: null, text: null, pattern: null, json_path: null, json_value: null },
      request: null,
    }
    expect(server.asked.find(([call]) => call === 'POST /api/checks')?.[1]).toEqual(sent)
    expect(wrapper.emitted('saved')).toEqual([[{ ...sent, id: 4 }]])
    expect(wrapper.props('modelValue')).toBe(false)
  })

  it('tries the check, and says what came of it', async () => {
    server.answers['POST /api/checks/try'] = (body) => ({
      at: '2026-01-01 00:00:00',
      up: false,
      ms: 12,
      cert_days: null,
      error: 'the pattern does not match',
      status: 200,
      matched: { text: 'well' },
      body,
    })
    const wrapper = await open()
    type('target', 'https://shop.example/')
    type('pattern', 'a+')
    button('Try it').click()
    await flushPromises()
    expect(server.asked.find(([call]) => call === 'POST /api/checks/try')?.[1]).toMatchObject({
      expect: { pattern: 'a+' },
    })
    for (const part of ['the pattern does not match', 'status 200', 'well']) expect(words()).toContain(part)
    expect(wrapper.props('modelValue')).toBe(true)
  })

  it('says at a field of the options what is wrong, and opens them', async () => {
    server.answers['POST /api/checks/try'] = () => {
      throw new Refusal(400, 'invalid_input', 'no', { 'request.ca': 'no certificate' })
    }
    await open()
    expect(document.querySelector('details')!.open).toBe(false)
    button('Try it').click()
    await flushPromises()
    await vi.waitFor(() => expect(words()).toContain('no certificate'))
    expect(document.querySelector('details')!.open).toBe(true)
  })

  it('makes a policy of the time from which answers are slow', async () => {
    server.answers['POST /api/checks'] = (body) => ({ ...body, id: 4 })
    server.answers['POST /api/alert-policies'] = (body) => ({ ...body, id: 1 })
    await open()
    type('name', 'Shop')
    type('slow', '800')
    button('Create').click()
    await flushPromises()
    const [, policy] = server.asked.find(([call]) => call === 'POST /api/alert-policies')!
    expect(policy).toMatchObject({ metric: 'ms', warning: 800, sustained_for: 30, scope: { check_id: 4 } })
  })

  it('stays open with the server’s words', async () => {
    server.answers['POST /api/checks'] = () => {
      throw new Refusal(409, 'too_many_checks', 'There are 2,000 checks already')
    }
    const wrapper = await open()
    type('name', 'Shop')
    type('target', 'https://shop.example/')
    button('Create').click()
    await flushPromises()
    expect(words()).toContain('There are 2,000 checks already')
    expect(wrapper.props('modelValue')).toBe(true)
  })

  it('is closed by a click beside it only while nothing is typed', async () => {
    await open()
    const beside = document.querySelector('.el-overlay-dialog')!
    const isShown = () => beside.parentElement!.style.display !== 'none'
    async function clickBeside(): Promise<void> {
      await flushPromises()
      for (const name of ['mousedown', 'mouseup', 'click']) beside.dispatchEvent(new MouseEvent(name))
      await flushPromises()
    }
    type('name', 'Shop')
    await clickBeside()
    expect(isShown()).toBe(true)
    type('name', '')
    await clickBeside()
    expect(isShown()).toBe(false)
  })
})
