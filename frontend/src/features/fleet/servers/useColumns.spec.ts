import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { onPage, settled } from '@/testing/onPage'
import { fitting, OPTIONAL_COLUMNS, useColumns } from './useColumns'

function viewport(width: number): void {
  ;(window as unknown as { happyDOM: { setViewport(size: { width: number }): void } }).happyDOM.setViewport({ width })
}

const keys = (held: ReturnType<typeof useColumns>) => held.columns.value.map(({ key }) => key)

describe('the columns of the list', () => {
  beforeEach(() => viewport(1440))

  it('are what fits, with the name first and the menu last', async () => {
    const { held, page } = await onPage('/page', useColumns)
    expect(keys(held)).toEqual([
      'name',
      'status',
      'alerts',
      'cpu',
      'memory',
      'disk',
      'trend',
      'address',
      'tags',
      'report',
      'menu',
    ])
    viewport(1680)
    await nextTick()
    expect(keys(held)).toEqual([
      'name',
      'status',
      'alerts',
      'cpu',
      'memory',
      'disk',
      'trend',
      'address',
      'port',
      'tags',
      'users',
      'report',
      'menu',
    ])
    page.unmount()
  })

  it.each([
    [1440, 9],
    [1199, 7],
    [1024, 5],
    [821, 5],
    [721, 3],
  ])('in a window of %i px are the %i that are worth most', (width, count) => {
    expect(fitting(width)).toEqual(
      ['status', 'cpu', 'memory', 'disk', 'alerts', 'address', 'trend', 'report', 'tags'].slice(0, count),
    )
  })

  it('say their names in the language shown', async () => {
    const { held } = await onPage('/page?columns=address', useColumns)
    expect(held.columns.value.map(({ label }) => label)).toEqual(['Name', 'IP address', ''])
  })

  it('are those of the address, in the order of the table, without what there is none of', async () => {
    const { held } = await onPage('/page?columns=tags,nonsense,cpu,name', useColumns)
    expect(keys(held)).toEqual(['name', 'cpu', 'tags', 'menu'])
  })

  it('are what fits where the address names none that there are', async () => {
    const { held } = await onPage('/page?columns=nonsense', useColumns)
    expect(held.chosen.value).toContain('cpu')
  })

  it('once chosen stand in the address, and are kept on this device', async () => {
    const { router, held } = await onPage('/page?q=web', useColumns)
    held.chosen.value = ['report', 'cpu']
    await settled()
    expect(router.currentRoute.value.query).toEqual({ q: 'web', columns: 'cpu,report' })
    const { held: later } = await onPage('/page', useColumns)
    expect(keys(later)).toEqual(['name', 'cpu', 'report', 'menu'])
  })

  it('of a link that was shared outweigh those kept', async () => {
    const { held } = await onPage('/page', useColumns)
    held.chosen.value = ['cpu']
    await settled()
    const { held: shared } = await onPage('/page?columns=disk', useColumns)
    expect(shared.chosen.value).toEqual(['disk'])
  })

  it('reset, are what fits again, here and later', async () => {
    const { router, held } = await onPage('/page?columns=cpu', useColumns)
    held.chosen.value = ['disk']
    await settled()
    held.reset()
    await settled()
    const { held: later } = await onPage('/page', useColumns)
    expect([router.currentRoute.value.query, held.chosen.value.length, later.chosen.value.length]).toEqual([{}, 9, 9])
  })

  it('can all be shown', async () => {
    const { held } = await onPage('/page', useColumns)
    held.chosen.value = [...OPTIONAL_COLUMNS]
    await settled()
    expect(keys(held)).toEqual(['name', ...OPTIONAL_COLUMNS, 'menu'])
  })
})
