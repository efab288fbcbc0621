import { describe, expect, it } from 'vitest'
import type { Group } from './items'
import { matches, narrowed } from './items'

describe('what is typed', () => {
  it.each([
    ['web', 'fra-web-01', true],
    ['WEB 01', 'fra-web-01', true],
    ['01 web', 'fra-web-01', true],
    ['web 02', 'fra-web-01', false],
    ['', 'anything', true],
    ['磁盘', 'web-1 · 磁盘使用率', true],
  ])('%j finds %j: %s', (q, text, found) => expect(matches(q, text)).toBe(found))

  it('leaves the groups that have it, also under another name', () => {
    const groups: Group[] = [
      { title: '操作', items: [{ key: 'a', label: '主题：深色', also: 'theme dark' }] },
      { title: '页面', items: [{ key: 'b', label: '静默' }] },
    ]
    expect(narrowed(groups, 'dark').map(({ title }) => title)).toEqual(['操作'])
    expect(narrowed(groups, '静').map(({ title }) => title)).toEqual(['页面'])
    expect(narrowed(groups, 'undefined')).toEqual([])
  })
})
