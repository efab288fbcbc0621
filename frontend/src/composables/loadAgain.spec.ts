import { describe, expect, it } from 'vitest'
import { loadAgain } from './loadAgain'

const failing = (file: string) => () =>
  Promise.reject(new TypeError(`Failed to fetch dynamically imported module: https://host/assets/${file}.js`))

describe('loadAgain', () => {
  it('returns what was loaded', async () => {
    expect(await loadAgain(() => Promise.resolve('code'))).toBe('code')
  })

  it('asks at another address the second time, and keeps the answer', async () => {
    const asked: string[] = []
    const importFrom = (address: string) => Promise.resolve(asked.push(address))
    await expect(loadAgain(failing('kept'), importFrom)).rejects.toThrow('Failed to fetch')
    expect(await loadAgain(failing('kept'), importFrom)).toBe(1)
    expect(await loadAgain(failing('kept'), importFrom)).toBe(1)
    expect(asked).toEqual(['https://host/assets/kept.js?attempt=1'])
  })

  it('shares one attempt among callers that try again at the same time', async () => {
    const asked: string[] = []
    const importFrom = (address: string) => Promise.resolve(asked.push(address))
    await expect(loadAgain(failing('shared'), importFrom)).rejects.toThrow('Failed to fetch')
    expect(
      await Promise.all([loadAgain(failing('shared'), importFrom), loadAgain(failing('shared'), importFrom)]),
    ).toEqual([1, 1])
  })

  it('asks at a new address after each failure', async () => {
    const asked: string[] = []
    const importFrom = (address: string) => (asked.push(address), Promise.reject(new Error('away')))
    for (let i = 0; i < 3; i += 1) await expect(loadAgain(failing('lost'), importFrom)).rejects.toThrow()
    expect(asked).toEqual([1, 2].map((attempt) => `https://host/assets/lost.js?attempt=${attempt}`))
  })

  it('fails with the first error if that names no file', async () => {
    await expect(loadAgain(() => Promise.reject(new Error('Importing a module script failed.')))).rejects.toThrow(
      'Importing',
    )
  })
})
