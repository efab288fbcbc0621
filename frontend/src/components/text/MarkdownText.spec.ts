import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import MarkdownText from './MarkdownText.vue'

const htmlOf = (text: string) => mount(MarkdownText, { props: { text } }).element.innerHTML

describe('MarkdownText', () => {
  it('shows headings, lists, code, emphasis and links', () => {
    const html = htmlOf(
      '# Full disk\nFirst **look**, then *clean*\nwith `du -sh`\n\n- one\n- [two](https://example.com/x)\n\n1. a\n2. b\n\n```\nrm -r <cache>\n```',
    )
    expect(html).toBe(
      '<p class="heading">Full disk</p><p>First <strong>look</strong>, then <em>clean</em><br>with <code>du -sh</code></p>' +
        '<ul><li>one</li><li><a href="https://example.com/x" target="_blank" rel="noopener noreferrer">two</a></li></ul>' +
        '<ol><li>a</li><li>b</li></ol><pre>rm -r &lt;cache&gt;</pre>',
    )
  })

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</scr' + 'ipt>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](//evil.example)',
    '[x](https://a.example/" onmouseover="alert(1))',
    '![x](https://evil.example/pixel.png)',
    '**<b onclick=alert(1)>**',
    '`<svg/onload=alert(1)>`',
    '```\n</pre><script>alert(1)</script>',
  ])('makes no element or address of its own out of %s', (hostile) => {
    const { element } = mount(MarkdownText, { props: { text: hostile } })
    expect(element.querySelectorAll('script, img, svg, b, [onclick], [onerror], [onmouseover]')).toHaveLength(0)
    for (const link of element.querySelectorAll('a'))
      expect(link.getAttribute('href')).toMatch(/^(https?:\/\/|mailto:)[^\s"'<>]+$/)
    expect(element.textContent).toContain(hostile.includes('alert(1)') ? 'alert(1)' : 'x')
  })

  it('takes no longer for what repeats', () => {
    const began = performance.now()
    for (const part of ['`', '*', '[', '[a](', '**a', '# ', '```\n']) htmlOf(part.repeat(5_000 / part.length))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
