export default {
  chart: {
    summary: '{metric}：最新 {last}，最小 {min}，平均 {avg}，最大 {max}',
    coverage: '采样覆盖 {share}%',
  },
}
