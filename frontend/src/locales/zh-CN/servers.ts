export default {
  install: {
    title: '安装 Agent', fleet: '为多台主机安装 Agent…', titleFor: '为 {name} 安装 Agent', make: '生成密钥和安装命令',
    intro: '将为此服务器生成一个新的密钥，以及一行安装命令。已有的密钥不受影响。', key: '密钥',
    fleetIntro: '将生成一个可由多台主机共用的机群密钥，按 IP 地址识别服务器。',
    run: '在目标主机上运行', needs: '命令会校验下载的内容，并提示输入密钥。需要 root 权限、curl 和 Python 3.9 或更高版本。再次运行即可更新。',
    package: '主机上已安装 monitor 包（密钥存放在 monitor-agent.key 中）', once: '密钥仅显示这一次。',
    alone: '无需人工输入（Ansible、cloud-init）', aloneHint: '先将密钥写入 /etc/monitor-agent.key（属主 root，权限 0600），再运行同一命令，就无需输入。',
    http: '此地址是明文 http：校验和无法防范网络上的篡改。请仅在可信网络中使用，或改用 https。',
    fleetHint: '尚未登记的主机上报后，会出现在“未登记主机”中。',
    loopback: '{origin} 只有本机可以访问。要监控其他主机，请先通过它们能访问的地址打开此页面。',
    waiting: '等待第一次上报…', waitingFleet: '等待任一主机使用此密钥上报…', reporting: '已收到上报',
  },
  column: {
    name: '名称', status: '状态', alerts: '告警', cpu: 'CPU', memory: '内存', disk: '磁盘', trend: 'CPU 趋势', address: 'IP 地址', port: '端口',
    tags: '标签', users: '用户', report: '最近上报', created: '创建时间', menu: '',
  },
  filter: {
    label: '筛选服务器', q: '名称、IP、标签、用户', sort: '排序', count: '{shown} / {total} 台',
    status: { online: '在线', offline: '离线', never: '从未上报' },
    alerts: { any: '有告警', critical: '有严重告警', warning: '有警告', none: '无告警' },
    silenced: { yes: '已静默', no: '未静默' },
  },
  table: { columns: '显示的列', alertsOf: '{n} 条触发中的告警，最高级别：{level}', cpuHour: '{name} 最近一小时的 CPU', actionsOf: '{name} 的操作', more: '更多' },
  export: { shown: '导出筛选出的 {n} 台 (CSV)', all: '导出全部 {n} 台 (CSV)', progress: '正在导出：{n}/{of}' },
  action: {
    edit: '编辑', share: '共享给用户', install: '安装 Agent', silence: '静默', delete: '删除',
    addTags: '添加标签', removeTags: '移除标签', linkUsers: '关联用户', unlinkUsers: '取消关联用户', export: '导出 CSV',
  },
  batch: {
    selectAll: '选择全部 {n} 台', clear: '取消选择', hidden: '其中 {n} 台不在当前筛选中', applies: '将应用于 {n} 台服务器。', noTags: '所选服务器没有标签。',
    silenceOne: '静默 {name}', silenceMany: '静默 {n} 台服务器', silenced: '已静默 {n} 台服务器',
  },
  form: {
    add: '添加服务器', addAction: '添加并安装 Agent', edit: '编辑 {name}', share: '共享 {name}', shareHint: '关联的用户可以查看和管理此服务器，并收到它的告警。',
    tagsHint: '输入后按回车添加', usersHint: '这些用户会收到它的告警', stayLinked: '您自己会保持关联。',
  },
  delete: { one: '删除 {name}？', many: '删除 {n} 台服务器？', text: '它们的采样、告警、静默、密钥和用户关联会一并删除，无法恢复。', more: '另有 {n} 项' },
  empty: { title: '还没有服务器', hint: '添加一台服务器，然后在它上面安装 Agent。' },
  import: {
    open: '从 CSV 导入…', title: '从 CSV 导入服务器', intro: 'IP 地址已存在的服务器会被更新，其余会新建。如有任何错误，整个文件都不会导入。列：', drop: '将 CSV 文件拖到这里',
    choose: '选择文件', template: '下载模板', another: '换一个文件', apply: '导入 {n} 台', nothing: '没有需要导入的更改', done: '已新建 {created} 台，更新 {updated} 台',
    preview: '导入预览', line: '行', action: '操作', changes: '内容', created: '新建 {n}', updated: '更新 {n}', unchanged: '不变 {n}', hideUnchanged: '隐藏不变的行',
    does: { create: '新建', update: '更新', unchanged: '不变' },
    field: { server_name: '名称', ip_address: 'IP 地址', port: '端口', tags: '标签', users: '用户', columns: '列数', file: '文件' },
    atLine: '第 {n} 行', bad: '有 {n} 处问题。', nothingStored: '尚未导入任何内容，请修正文件后重新选择。',
  },
  oldAgents: {
    notice: '{n} 个 Agent 低于 {version} 版本。', look: '更新', title: '更新 Agent', run: '在每台主机上运行以下命令。密钥和设置保持不变。',
  },
  unregistered: {
    title: '未登记主机', notice: '{n} 台主机正在上报，但尚未登记。', look: '查看并登记', intro: '这些主机使用机群密钥上报，但其地址不属于任何服务器。登记之后，它们的采样才会保存。',
    none: '没有未登记的主机', tags: '为登记的主机添加标签（可选）', register: '登记', registerMany: '登记所选 {n} 台', reports: '上报 {n} 次', address: 'IP 地址', addressFor: '{name} 的 IP 地址', nameFor: '{ip} 的名称', done: '已登记 {n} 台主机',
  },
}
