export default {
  title: '服务器对比',
  add: '添加服务器',
  remove: '移除 {name}',
  metrics: '指标',
  unseen: '有 {n} 台服务器无法显示：已被删除，或未共享给您（{ids}）。',
  most: '仅对比前 {n} 台。',
  one: '再添加一台服务器即可对比。',
  none: '尚未选择服务器',
  noneHint: '请添加 2 到 10 台服务器，也可以在服务器列表中选择。',
}
