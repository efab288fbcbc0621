import { expect, it } from 'vitest'

const sources = import.meta.glob<string>(['/src/**/*.{ts,vue}', '!/src/**/*.spec.ts', '!/src/api/schema.d.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

const RULES: [string, RegExp, string[]][] = [
  [
    'times are written by composables/times',
    /toLocale\w*String|toLocale(Date|Time)|new Intl\.DateTimeFormat|toDateString/,
    ['/src/composables/zones.ts'],
  ],
  ['relative times by composables/format', /Intl\.RelativeTimeFormat/, ['/src/composables/format.ts']],
  [
    'percents by composables/percent',
    /\} ?%[`'"]|%<\/|\}\} ?%|\{\w+\} ?%|['"`] ?%['"`]/,
    ['/src/composables/percent.ts'],
  ],
  ['the time is asked of api/clock', /Date\.now\(\)|new Date\(\)/, ['/src/api/clock.ts', '/src/api/http.ts']],
  ['dates are picked with MomentPicker', /<ElDatePicker/, ['/src/components/picker/MomentPicker.vue']],
]

it.each(RULES)('%s', (_, pattern, allowed) => {
  const strays = Object.entries(sources).flatMap(([file, source]) =>
    allowed.includes(file)
      ? []
      : source
          .split('\n')
          .flatMap((line, number) =>
            pattern.test(line) && !/--share/.test(line) ? [`${file}:${number + 1}: ${line.trim()}`] : [],
          ),
  )
  expect(Object.keys(sources).length).toBeGreaterThan(100)
  expect(strays).toEqual([])
})
