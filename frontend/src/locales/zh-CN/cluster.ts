export default {
  subtitle: '提供服务的所有进程，以及它们各自使用的数据库。', empty: '还没有进程上报', older: '旧版本',
  host: '主机', version: '版本', started: '启动', seen: '最近上报', roles: '工作', store: '数据库', history: '历史', comma: '、',
  role: { serve: '提供服务', alert_maintenance: '告警维护', seal_history: '封存历史', archive_history: '移动历史' },
  inMemory: '内存', nodes: '{n} 个节点', cannotWrite: '无法写入', noAnswer: '没有响应', sealedUntil: '已封存至', nothingSealed: '尚未封存',
}
