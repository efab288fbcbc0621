import { brotliCompressSync, gzipSync } from 'node:zlib'
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const SERVER = process.env.MONITOR_SERVER ?? 'http://127.0.0.1:8000'
const SERVED_BY_API = ['/api', '/schema', '/agent', '/healthz', '/readyz', '/metrics']

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Writes a .br and a .gz beside each text file, so that the server never compresses while it answers. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          if (!/\.(js|css|svg)$/.test(fileName)) continue
          const content = file.type === 'chunk' ? file.code : file.source
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(content, { level: 9 }) })
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(content) })
        }
      },
    },
  }
}

/** Names, for public/early.js, the files that every page needs besides the first script. By language, and "" for all. */
function namedForEarly(): Plugin {
  return {
    name: 'named-for-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
        const start = chunks.find(({ isEntry }) => isEntry)?.fileName
        const named = (which: (chunk: (typeof chunks)[number]) => boolean) => [
          ...new Set(
            chunks
              .filter(which)
              .flatMap((chunk) => [chunk.fileName, ...chunk.imports, ...(chunk.viteMetadata?.importedCss ?? [])])
              .filter((file) => file !== start),
          ),
        ]
        const files = {
          '': named(({ name }) => name === 'shell' || name === 'overview'),
          en: named(({ facadeModuleId }) => facadeModuleId?.endsWith('locales/en/everyday.ts') === true),
          'zh-CN': named(({ facadeModuleId }) => facadeModuleId?.endsWith('locales/zh-CN/everyday.ts') === true),
        }
        return [{ tag: 'meta', attrs: { name: 'early', content: JSON.stringify(files) }, injectTo: 'head-prepend' }]
      },
    },
  }
}

/** vue-i18n asks a namespace of Vue for one function, by a name made up at run time. That alone would keep all of Vue. */
function vueByName(): Plugin {
  return {
    name: 'vue-by-name',
    apply: 'build',
    transform: {
      filter: { id: /vue-i18n\.mjs$/ },
      handler: (code) =>
        code.replace(
          "import * as Vue from 'vue'",
          "import { getCurrentInstance as instance } from 'vue'\nconst Vue = { getCurrentInstance: instance }",
        ),
    },
  }
}

const ONE_FILE = /import \{([^}]+)\} from ["'](@element-plus\/icons-vue|@vueuse\/core)["'];?/g

/** Libraries that are one file would be loaded with all that any page uses of them: each name becomes a module of its own. */
function nameByName(): Plugin {
  return {
    name: 'name-by-name',
    apply: 'build',
    transform: {
      order: 'post',
      filter: { code: ONE_FILE },
      handler: (code) =>
        code.replace(ONE_FILE, (_, names: string, library: string) =>
          names
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== '')
            .map((name) => `import { ${name} } from '${library}?${name.split(' ')[0]}'`)
            .join('\n'),
        ),
    },
    resolveId: {
      filter: { id: /^@(element-plus\/icons-vue|vueuse\/core)\?/ },
      async handler(source, importer) {
        const [library = '', name] = source.split('?')
        const found = await this.resolve(library, importer, { skipSelf: true })
        return found && `${found.id}?${name}`
      },
    },
  }
}

/** Pages whose parts are loaded beside them. Of others the first load names the styles alone, which saves 1 % of it. */
const IN_HASTE = /(Overview|Servers?|Alerts?|Check|CheckIn)Page-/
const isPreloaded = (page: string) => (part: string) => IN_HASTE.test(page) || part.endsWith('.css')

export default defineConfig({
  plugins: [
    vue(),
    // Only what templates name of Element Plus is loaded; our own components are imported where they are used.
    Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
    vueByName(),
    nameByName(),
    namedForEarly(),
    precompressed(),
  ],
  resolve: { alias: { '@': path('./src') } },
  // What we don't use of the libraries, so that it is not in the first load.
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  build: {
    outDir: '../src/monitor/adapters/http/static/ui',
    emptyOutDir: true,
    target: 'es2022',
    // All browsers of that age preload modules themselves, or do without.
    modulePreload: { polyfill: false, resolveDependencies: (page, parts) => parts.filter(isPreloaded(page)) },
    // As data: addresses they would need a looser content security policy.
    assetsInlineLimit: 0,
    // The first script lists the files of all pages. Those that pages share need no names, which makes it smaller.
    rolldownOptions: {
      output: {
        chunkFileNames: ({ isDynamicEntry }) => `assets/${isDynamicEntry ? '[name]-' : ''}[hash:8].js`,
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 2 },
            { name: (id) => /locales\/(en|zh-CN)\/(?:start|common|session)\.ts$/.exec(id)?.[1], priority: 1 },
            { name: 'shell', test: /shell\/AppShell\.vue/ },
            { name: 'overview', test: /OverviewPage\.vue/ },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true, proxy: Object.fromEntries(SERVED_BY_API.map((path) => [path, SERVER])) },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 60_000, // for machines that do much else: the first spec of a page waits until all of it is translated
    server: { deps: { inline: ['element-plus'] } },
    isolate: false, // Specs share their modules, which takes less than half of the time. So none may replace one.
  },
})
