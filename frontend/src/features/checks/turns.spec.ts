import { expect, it } from 'vitest'
import { turns } from './turns'

it('runs no more at a time than it may, and the next also after a failure', async () => {
  const inTurn = turns(2)
  const begun: number[] = []
  const ends: ((fails?: boolean) => void)[] = []
  const work = (n: number) =>
    inTurn(() => {
      begun.push(n)
      return new Promise<number>(
        (resolve, reject) => (ends[n] = (fails) => (fails ? reject(new Error('broken')) : resolve(n))),
      )
    })
  const all = [0, 1, 2, 3].map(work)
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  ends[0]?.(true)
  await expect(all[0]).rejects.toThrow('broken')
  expect(begun).toEqual([0, 1, 2])
  ends[1]?.()
  await all[1]
  ends[2]?.()
  ends[3]?.()
  expect(await Promise.all(all.slice(1))).toEqual([1, 2, 3])
})
