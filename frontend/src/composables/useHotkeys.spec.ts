import { afterEach, beforeEach, expect, it } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { useHotkeys } from './useHotkeys'

let scope: EffectScope
let pressed: string[]

beforeEach(() => {
  pressed = []
  scope = effectScope()
  const note = (key: string) => [key, () => void pressed.push(key)]
  scope.run(() => useHotkeys(Object.fromEntries(['/', 'k', 'mod+k'].map(note))))
})
afterEach(() => scope.stop())

function press(key: string, more: KeyboardEventInit = {}, on: HTMLElement = document.body) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  on.dispatchEvent(event)
  return event.defaultPrevented
}

it('hears a key, and the same with Ctrl or ⌘ as another', () => {
  expect([press('k'), press('k', { ctrlKey: true }), press('K', { metaKey: true }), press('x')]).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect(pressed).toEqual(['k', 'mod+k', 'mod+k'])
})

it('leaves single keys to fields, and all of them to an open dialog', () => {
  const field = document.body.appendChild(document.createElement('input'))
  press('/', {}, field)
  press('k', { ctrlKey: true }, field)
  expect(pressed).toEqual(['mod+k'])
  document.body.innerHTML = '<div class="el-overlay"></div>'
  press('k', { ctrlKey: true })
  expect(pressed).toEqual(['mod+k'])
})
