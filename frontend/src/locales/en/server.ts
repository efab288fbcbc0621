import type { Messages } from '../zh-CN'

const server: Messages['server'] = {
  chart: {
    summary: '{metric}: latest {last}, lowest {min}, average {avg}, highest {max}',
    coverage: '{share}% sampled',
  },
}

export default server
