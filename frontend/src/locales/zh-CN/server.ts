export default {
  all: '查看所有服务器',
  tab: { charts: '图表', policies: '策略', alerts: '告警', keys: '密钥', silences: '静默' },
  head: {
    address: 'IP 地址', port: '端口', lastReport: '最近上报', noUsers: '未关联用户', more: '另 {n} 项', and: '、', since: '已持续 {span}',
    skewHint: '此服务器的时钟与监控服务器相差较大，采样时间可能不准。',
  },
  action: { share: '共享', silence: '静默', install: '安装 Agent', more: '更多操作' },
  delete: { title: '删除 {name}？', text: '它的采样、告警和密钥会一并删除，无法恢复。' },
  live: { title: '当前数值', fileSystems: '文件系统', processes: '占用最高的进程', others: '其他指标', process: '进程', running: '共 {n} 个', noProcesses: 'Agent 未上报进程' },
  group: { load1: '系统负载', net_rx: '网络', disk_read: '磁盘读写', disk_: '文件系统' },
  part: { load1: '1 分钟', load5: '5 分钟', load15: '15 分钟', net_rx: '接收', net_tx: '发送', disk_read: '读取', disk_write: '写入' },
  span: { '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天', '30d': '30 天', '1y': '1 年' },
  range: { back: '返回', earlier: '向前', later: '向后', zoomOut: '扩大时段' },
  chart: {
    summary: '{metric}：最新 {last}，最小 {min}，平均 {avg}，最大 {max}',
    average: '平均 {value}', highest: '最大 {value}', spokenRange: '{metric} 平均 {avg}，最小 {min}，最大 {max}',
    coverage: '采样覆盖 {share}', everySample: '{span}原始采样', averages: '{span}平均值',
    silence: '静默：{reason}', none: '此时段没有数据', noData: '尚未收到数据', noDataHint: '在此服务器上安装 Agent 后即可看到图表。',
    hint: '在图上拖动可放大时段，双击返回；点击图例可隐藏线条。浅色带为最小值到最大值，断开处没有采样；图上方的色条为告警，斜纹为静默。',
  },
  export: { failed: '无法生成图片' },
  policies: {
    metric: '指标', thresholds: '阈值', sustained: '持续时间', because: '生效原因', overridden: '被覆盖的策略', off: '不监控',
    by: { server: '专为此服务器设置', tag: '带有标签 {name}' },
    exception: '添加例外', new: '为此服务器新建策略', empty: '没有策略覆盖此服务器', emptyHint: '没有策略就不会有告警。',
  },
  alerts: {
    metric: '指标', level: '级别', state: '状态', value: '数值', peak: '峰值', fired: '触发时间', lasted: '持续', acknowledged: '{name} 已确认',
    empty: '此服务器没有告警记录', emptyHint: '策略触发后会显示在这里。',
  },
  keys: {
    name: '名称', prefix: '密钥', created: '创建时间', used: '最近使用', new: '新建密钥', revoke: '吊销', revoked: '密钥已吊销', once: '密钥仅显示这一次，请立即保存。',
    hint: 'Agent 使用密钥上报此服务器的数据。更换密钥时，先新建再吊销旧密钥。', empty: '还没有密钥', emptyHint: '安装 Agent 时会生成密钥。',
    revokeTitle: '吊销密钥 {name}？', revokeText: '使用此密钥的 Agent 将立即无法上报。',
  },
  silences: { all: '查看所有静默', empty: '没有生效中或未开始的静默' },
}
