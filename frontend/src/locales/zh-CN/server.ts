export default {
  all: '查看所有服务器',
  tab: { charts: '图表', parts: '服务与设备', policies: '策略', alerts: '告警', keys: '密钥', silences: '静默' },
  head: {
    agent: 'Agent', agentUnsaid: '早期版本', agentOld: '（旧版本）', os: '系统', teams: '团队', teamAccess: '{name}（{access}）', address: 'IP 地址', port: '端口', lastReport: '最近上报', noUsers: '未关联用户', more: '另 {n} 项', and: '、', since: '已持续 {span}',
    skewHint: '此服务器的时钟与服务端相差较大，采样时间可能不准。',
  },
  action: { share: '共享', silence: '静默', install: '安装 Agent', more: '更多操作' },
  delete: { title: '删除 {name}？', text: '它的采样、告警和密钥会一并删除，无法恢复。' },
  live: { title: '当前数值', fileSystems: '文件系统', processes: '占用最高的进程', others: '其他指标', process: '进程', running: '共 {n} 个', noProcesses: 'Agent 未上报进程' },
  group: { load1: '系统负载', net_rx: '网络', disk_read: '磁盘读写', disk_: '文件系统', net_rx_: '网络接口', disk_read_: '各磁盘读写', pressure_cpu: '资源压力', inodes_: 'inode 用量', temp_: '温度传感器', raid_: 'RAID 阵列', unit_: '单元', container_up_: '容器运行状态', container_cpu_: '容器 CPU', container_memory_: '容器内存', check_up_: '检查结果', check_ms_: '检查耗时', check_cert_days_: '证书剩余天数' },
  part: { load1: '1 分钟', load5: '5 分钟', load15: '15 分钟', net_rx: '接收', net_tx: '发送', disk_read: '读取', disk_write: '写入', pressure_cpu: 'CPU', pressure_memory: '内存', pressure_io: 'I/O' },
  parts: {
    services: '服务', containers: '容器', mounts: '文件系统', devices: '磁盘', arrays: 'RAID 阵列', interfaces: '网络接口', hostChecks: '由此主机执行的检查', checks: '此服务器的检查和签到任务',
    inodes: 'inode', state: '状态', memory: '内存', used: '已用', time: '耗时', chart: '查看图表', alert: '为此指标新建策略', failed: '没有失败的单元 | {n} 个单元失败 | {n} 个单元失败', nothing: '没有上报服务或设备', nothingHint: '较新的 Agent 会上报能够读取的单元、容器、磁盘和网络接口。',
  },
  span: { '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天', '30d': '30 天', '1y': '1 年' },
  range: { back: '返回', earlier: '向前', later: '向后', zoomOut: '扩大时段' },
  chart: {
    figures: '{metric}：最新 {last}，最小 {min}，平均 {avg}，最大 {max}',
    average: '平均 {value}', highest: '最大 {value}', spokenRange: '{metric} 平均 {avg}，最小 {min}，最大 {max}',
    coverage: '采样覆盖 {share}', everySample: '{span}原始采样', averages: '{span}平均值',
    silence: '静默：{reason}', none: '此时段没有数据', noData: '尚未收到数据', noDataHint: '在此服务器上安装 Agent 后即可看到图表。',
    hint: '在图上拖动可放大时段，双击返回；点击一个点可查看当时通知了谁及原因；点击图例可隐藏线条。浅色带为最小值到最大值，断开处没有采样；图上方的色条为告警，斜纹为静默。',
  },
  export: { failed: '无法生成图片' },
  policies: {
    metric: '指标', thresholds: '阈值', sustained: '持续时间', because: '生效原因', overridden: '被覆盖的策略', off: '不监控',
    by: { server: '专为此服务器设置', tag: '带有标签 {name}' },
    exception: '添加例外', new: '为此服务器新建策略', empty: '没有策略覆盖此服务器', emptyHint: '没有策略就不会有告警。',
  },
  alerts: { empty: '此服务器没有告警记录', emptyHint: '策略触发后会显示在这里。' },
  keys: {
    name: '名称', prefix: '密钥', created: '创建时间', used: '最近使用', new: '新建密钥', revoke: '吊销', revoked: '密钥已吊销', once: '密钥仅显示这一次，请立即保存。',
    hint: 'Agent 使用密钥上报此服务器的数据。更换密钥时，先新建再吊销旧密钥。', empty: '还没有密钥', emptyHint: '安装 Agent 时会生成密钥。',
    revokeTitle: '吊销密钥 {name}？', revokeText: '使用此密钥的 Agent 将立即无法上报。',
  },
  silences: { all: '查看所有静默', empty: '没有生效中或未开始的静默' },
}
