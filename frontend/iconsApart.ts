import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

const LIBRARY = '@element-plus/icons-vue'
const IMPORT = /import \{([^}]*)\} from ['"]@element-plus\/icons-vue['"];?/g
const BLOCK = /^\/\/ src\/components\/[\w-]+\.vue$/m
const EXPORT = /^ {2}(\w+) as (\w+),?$/gm
const PREFIX = 'icon:'

/**
 * The library keeps its icons in one file, and a bundler keeps a file whole: the first load would bring the icons of
 * all pages. With this each icon is a module of its own.
 */
export function iconsApart(): Plugin {
  const file = createRequire(import.meta.url).resolve(LIBRARY).replace(/index\.cjs$/, 'index.js')
  const source = readFileSync(file, 'utf8')
  const blocks = source.slice(0, source.lastIndexOf('export {')).split(BLOCK)
  const locals = new Map([...source.matchAll(EXPORT)].map(([, local, name]) => [name, local]))

  function codeOf(name: string): string {
    const local = locals.get(name)
    const block = blocks.find((each) => each.includes(` ${local} = `))
    if (local === undefined || block === undefined) throw new Error(`${LIBRARY} has no icon ${name}`)
    return `${block}\nexport default ${local}`
  }

  function importOf(specifier: string): string {
    const [name = '', alias = name] = specifier.trim().split(/\s+as\s+/)
    return name === '' ? '' : `import ${alias} from '${PREFIX}${name}'\n`
  }

  return {
    name: 'icons-apart',
    apply: 'build',
    enforce: 'post',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load: (id) => (id.startsWith(`\0${PREFIX}`) ? codeOf(id.slice(PREFIX.length + 1)) : undefined),
    transform(code) {
      if (!code.includes(LIBRARY)) return undefined
      return { code: code.replace(IMPORT, (_, names: string) => names.split(',').map(importOf).join('')), map: null }
    },
  }
}
