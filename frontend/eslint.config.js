import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    languageOptions: { globals: { window: 'readonly', document: 'readonly' } },
    rules: {
      // TypeScript finds these, and knows the browser's names.
      'no-undef': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock'].map((property) => ({
          object: 'vi',
          property,
          message: 'Specs share their modules: spy on this one instead.',
        })),
      ],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/define-emits-declaration': ['error', 'type-based'],
      'vue/no-v-html': 'error',
      // Prettier breaks templates into lines.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
    },
  },
  {
    // One time, the server's. What only measures how long something takes may ask performance.now().
    files: ['src/**'],
    ignores: ['src/api/{clock,http}.ts', '**/*.spec.ts', 'src/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Ask serverNow().',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Ask serverDate().' },
      ],
    },
  },
  // Only the router enters a feature; what two of them need belongs in components or composables. `up` leads out of it.
  ...['*', '*/*', '*/*/*'].map((folder) => {
    const up = '../'.repeat(folder.split('/').length)
    return {
      files: [`src/features/${folder}/*`],
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ group: ['@/features/*', `${up}*`], message: 'Features do not import each other.' }] },
        ],
      },
    }
  }),
  {
    files: ['src/{api,components,composables,stores,locales}/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['@/features/*', '**/features/*'], message: 'Features may use this, not the reverse.' }],
        },
      ],
    },
  },
)
