import { writtenCount } from '@/composables/counts'
import type { MessageContext, MessageFunction } from 'vue-i18n'

const NAME = /\{(\w+)\}/

/** Texts by key, nested to any depth. */
export interface Sentences {
  [key: string]: string | Sentences
}

interface Compiled {
  [key: string]: MessageFunction<string> | Compiled
}

/**
 * Compiles the part of vue-i18n's syntax that our texts use: `{name}`, and ` | ` between plural forms. The library's
 * own compiler would be a twentieth of the first load.
 */
export function compiled(sentences: Sentences): Compiled {
  return Object.fromEntries(
    Object.entries(sentences).map(([key, value]) => [
      key,
      typeof value === 'string' ? toMessage(value) : compiled(value),
    ]),
  )
}

function toMessage(sentence: string): MessageFunction<string> {
  // Split at a group, every second part is a name.
  const forms = sentence.split(' | ').map((form) => form.split(NAME))
  return (context: MessageContext<string>) => {
    const fill = (part: string, at: number) => (at % 2 === 0 ? part : written(part, context.named(part)))
    const filled = forms.map((parts) => parts.map(fill).join(''))
    return filled.length === 1 ? (filled[0] ?? '') : context.plural(filled)
  }
}

/** Groups the digits of counts. An id is not a count. */
function written(name: string, value: unknown): string {
  return typeof value === 'number' && Number.isInteger(value) && name !== 'id'
    ? writtenCount(value)
    : String(value ?? '')
}
