export default {
  title: '告警', one: '告警', bulk: '批量操作', news: '列表有更新，点击查看', acknowledge: '确认', acknowledgeAgain: '再次确认', silence: '静默', policy: '策略', policyGone: '已删除', policyBuiltIn: '内置',
  selectAll: '全选', selected: '显示 {shown} 条，已选 {n} 条', selectOne: '选择 {name}', threshold: '阈值 {value}', full: '预计{time} 用尽', reaches: '预计{time} 达到 {value}', note: '处理方法', noReport: '{span}未上报', certificateEnds: '{n} 天后到期', certificateEnded: '{n} 天前到期', peak: '峰值 {value}', peakLevel: '曾为{level}，{value}', lasted: '持续 {span}',
  why: { title: '原因', missed: '应于 {at}（{zone}）签到，未收到', failed: '报告了失败', status: '报告了失败，退出码 {n}', said: '{what}：{output}' },
  subject: { server: '服务器', check: '检查', check_in: '签到任务', on: '所属服务器' },
  tab: { firing: '触发中', pending: '待触发', past: '已结束' },
  empty: { firing: '没有触发中的告警', pending: '没有待触发的告警', past: '没有已结束的告警' },
  emptyHint: { firing: '一切正常。', pending: '已超出阈值、但持续时间不足以触发的告警会显示在这里。', past: '' },
  filter: {
    q: '搜索服务器', more: '筛选', tag: '标签', anyTag: '所有标签', label: '筛选告警', level: '级别', anyLevel: '所有级别', server: '服务器', metric: '指标', anyMetric: '所有指标', acknowledged: '确认状态', anyAck: '任意确认状态', notAck: '未确认', ack: '已确认', anyTime: '任意时间',
  },
  pick: { metric: '选择指标', own: '使用指标“{name}”', system: '系统', disks: '磁盘', network: '网络', services: '服务', containers: '容器', hostChecks: '主机执行的检查', checks: '检查和签到任务', others: '其他指标' },
  column: { level: '级别', metric: '指标', server: '服务器', value: '数值', valueAtEnd: '结束时数值', peak: '峰值', expected: '预计', since: '开始', fired: '触发时间', lasted: '时长', state: '状态', actions: '操作' },
  mark: {
    silenced: '已静默', acknowledged: '已确认', acknowledgedBy: '{name} 已确认', held: '暂缓至 {time}', heldHint: '此指标告警较多。如果到 {time} 仍在触发，将发送通知',
    late: '补报', lateHint: '补报的采样显示它曾触发，得知时已结束；收件人收到一次通知', takenBack: '已撤回', takenBackHint: '补报的采样表明当时并未超限',
  },
  ack: {
    title: '确认告警 | 确认 {n} 条告警', others: '另有 {n} 条', hint: '确认后不再发送提醒。告警升级时会重新通知。', note: '备注', placeholder: '例如：正在处理', done: '已确认 | 已确认 {n} 条',
    closed: '{n} 条告警已经结束，未确认：{names}',
  },
  event: {
    began: '超出阈值', turnedBad: '开始异常', lastReport: '最后一次上报', foreseen: '预测将达到阈值', leftRange: '超出范围', fired: '触发', escalated: '升级为严重', deescalated: '降为警告', resolved: '恢复', cancelled: '取消', acknowledged: '确认', reminded: '提醒', due: '持续较久，不再暂缓', flapping: '开始抖动', calmed: '停止抖动', found: '补报后得知', notified: '已通知', parked: '发送失败',
  },
  cancelled: { 'check changed': '检查已修改', 'check deleted': '检查已删除', 'check-in deleted': '签到任务已删除', paused: '签到任务已暂停', 'policy changed': '策略已修改', 'policy deleted': '策略已删除', 'server deleted': '服务器已删除', 'late samples': '补报的采样表明当时并未超限', 'no breach since the edit': '按修改后的策略不再超限' },
  delivery: { pending: '待发送', held: '静默中', sent: '已发送', parked: '发送失败', dropped: '未发送' },
  timeline: { title: '时间线', email: '邮件', channel: '渠道', undelivered: '未送达', attempts: '已尝试 {n} 次', retried: '已重新排队', notifications: '查看通知记录' },
  chart: { forecast: '虚线为策略的预测。', range: '虚线为策略范围的界限。', moreOfCheck: '在检查页查看', more: '在服务器页查看', title: '引发告警的采样', offline: '离线的服务器没有采样。图中为该时段前后的 CPU。', none: '此时段没有采样', noneHint: '可能已超过保留期限。' },
  others: { title: '同一指标的其他告警', all: '查看全部', none: '此指标没有其他告警。' },
  verdict: { title: '评价', question: '这条告警有用吗？', useful: '有用', noise: '噪音', by: '{name}评价为{verdict}（{at}）' },
  explain: {
    title: '为什么（没有）通知我？', at: '{at}', reset: '回到触发时', hint: '点击图表中的点，查看该时刻的说明。', others: '另有 {n} 个看不到此服务器的用户',
    state: { ok: '当时没有告警。', pending: '已满足触发条件，但持续时间不足。', firing: '告警触发中。' },
    value: '数值为 {value}。', sustained: '已持续 {seen}，需要 {needed}。', noPolicy: '没有适用的策略。', silence: '静默生效中：{reason}。', offline: '服务器离线。',
    policyChanged: '策略在 {at} 修改过，之前的取值可能不同。', notRecorded: '此告警没有记录原因，以下按现在的设置说明。',
    reason: {
      notified: '已于 {at} 通知。', below_level: '只接收更高级别的通知。', no_address: '没有邮箱地址。', no_channel: '渠道已停用，或已通知使用同一地址的用户。', silenced: '被静默。', acknowledged: '告警已被确认。',
      held: '此指标告警较多，已暂缓通知。', not_linked: '未关联此服务器。', pending: '满足触发条件的时间不足。', ok: '当时没有告警。',
      queued: '通知正在排队。', ended: '告警在发送通知前已结束。', failed: '发送失败：{error}',
    },
  },
  processes: { title: '触发时的主要进程', name: '进程' },
}
