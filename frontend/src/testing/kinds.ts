import type { ChannelKind } from '@/api/types'

type Setting = ChannelKind['settings'][number]

const words = (text: string) => ({ 'zh-CN': `${text}（中文）`, en: text })
const setting = (name: string, given: Partial<Setting> = {}): Setting => ({
  name,
  label: words(name),
  hint: words(''),
  input: 'text',
  required: false,
  secret: false,
  ...given,
})

const locale = setting('locale', { input: 'language' })
const url = setting('url', { required: true, secret: true })

/** Kinds as the server declares them; the pigeon is unknown to the screen. */
export const KINDS: ChannelKind[] = [
  { kind: 'email', label: words('E-mail'), settings: [setting('address', { input: 'email', required: true }), locale] },
  {
    kind: 'webhook',
    label: words('Webhook'),
    settings: [url, setting('secret', { input: 'password', secret: true, hint: words('Deliveries are signed') })],
  },
  { kind: 'apprise', label: words('Chat'), settings: [url, locale] },
  {
    kind: 'pigeon',
    label: words('Pigeon'),
    settings: [
      setting('loft', { required: true }),
      setting('ring', { input: 'password', secret: true, hint: words('Engraved') }),
    ],
  },
]

export const kindOf = (kind: string) => KINDS.find((known) => known.kind === kind)
