import { describe, expect, it } from 'vitest'
import { useFleet } from '@/stores/fleet'
import { useLive } from '@/stores/live'
import { answer, orderedList, pass, settled } from '@/testing/orderedList'
import { from, network } from '@/testing/orderedServers'

const { started } = orderedList()

describe('the rows', () => {
  it('are as many as match, with holes where none was fetched', async () => {
    const { list, ids } = await started()
    expect([list.rows.value.length, ids(), list.rows.value[100]]).toEqual([350, from(1, 100), undefined])
  })

  it('are fetched when they come into view', async () => {
    const { see, ids } = await started()
    await see(250, 301)
    expect([network.asked, ids()]).toEqual([
      [0, 2, 3],
      [...from(1, 100), ...from(201, 350)],
    ])
  })

  it('that are held are not fetched again', async () => {
    const { see } = await started()
    await see(80, 120)
    await see(0, 40)
    expect(network.asked).toEqual([0, 1])
  })

  it('that are on their way are not asked for again', async () => {
    const { see } = await started()
    network.isSlow = true
    await see(90, 130)
    await see(91, 131)
    expect(network.asked).toEqual([0, 1])
  })

  it('bring their newest samples', async () => {
    await started()
    expect([useFleet().liveOf(100)?.status, useFleet().liveOf(101)]).toEqual(['online', undefined])
  })

  it('in view are followed, also those seen before', async () => {
    useLive().start()
    const { see } = await started()
    await see(200, 240)
    await pass(200)
    expect(network.followed).toEqual(from(201, 300))
    await see(0, 40)
    await pass(200)
    expect(network.followed).toEqual(from(1, 100))
  })

  it('become fewer when servers are deleted', async () => {
    const { list, see, ids } = await started()
    await see(80, 120)
    network.lists[''] = from(1, 20)
    await see(180, 220)
    expect([list.rows.value.length, ids()]).toEqual([20, from(1, 20)])
  })

  it('are found again if there are none left where the user was', async () => {
    const { list, see, ids } = await started()
    await see(310, 350)
    network.lists[''] = from(1, 20)
    await list.reload()
    expect(list.rows.value).toHaveLength(20)
    await see(0, 20)
    expect(ids()).toEqual(from(1, 20))
  })
})

describe('another query', () => {
  it('shows the old rows until its own are there', async () => {
    const { query, list, ids } = await started()
    network.isSlow = true
    query.value = { q: 'b' }
    await settled()
    expect([list.rows.value.length, ids()]).toEqual([350, from(1, 100)])
    await answer(0)
    expect([list.rows.value.length, ids()]).toEqual([20, from(501, 520)])
  })

  it('drops the pages that are not in view', async () => {
    const { query, see, ids } = await started()
    await see(150, 190)
    network.lists.b = from(501, 700)
    query.value = { q: 'b' }
    await settled()
    expect(ids()).toEqual(from(501, 600))
  })

  it('lets no answer to the one before come in', async () => {
    const { query, ids } = await started()
    network.isSlow = true
    query.value = { q: 'nothing' }
    await settled()
    query.value = { q: 'b' }
    await settled()
    await answer(1, 0)
    expect(ids()).toEqual(from(501, 520))
  })
})

describe('a range', () => {
  it('is fetched where rows are missing, and returned with those held', async () => {
    const { list } = await started()
    const rows = await list.fetchRange(90, 310)
    expect([network.asked, rows.map((row) => row.id)]).toEqual([[0, 1, 2, 3], from(91, 311)])
  })

  it('is whole although the order is asked for meanwhile', async () => {
    const { list } = await started()
    network.isSlow = true
    const range = list.fetchRange(90, 210)
    void list.reload()
    await answer(0, 1)
    await answer(2)
    expect((await range).map((row) => row.id)).toEqual(from(91, 211))
  })
})
