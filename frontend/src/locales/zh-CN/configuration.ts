export default {
  subtitle: '将策略、静默、团队、渠道、检查、签到任务和标签放在一个文件中，不含编号和密钥。', download: '下载',
  file: '配置文件', hint: '粘贴或上传修改后的文件。生成计划不会更改任何内容。文件中没有的部分保持不变。', upload: '上传文件', fill: '填入当前配置',
  days: '回放天数', plan: '生成计划', none: '没有更改', changes: '{n} 项更改', more: '显示更多（还有 {n} 项）', counting: '正在回放历史',
  pagesTitle: '告警通知', pages: '这段时间内发出通知的告警：当前 {before} 个，使用此文件 {after} 个（+{added} −{removed}）。', who: '接收者', now: '当前', then: '使用此文件', channel: '渠道 {name}',
  ends: '将结束的告警', mayEnd: '可能结束',
  applied: '已应用', confirmTitle: '应用此文件？', confirm: '所有更改要么全部生效，要么都不生效。被更改策略的告警仍超限则继续保留，计划会列出将结束的告警；被删除的检查会失去其历史。',
  action: { create: '创建', update: '更改', rename: '重命名', delete: '删除', missing: '不存在：' },
  kind: { check: '检查', check_in: '签到任务', channel: '渠道', team: '团队', policy: '策略', silence: '静默', tags: '标签', server: '服务器', user: '用户' },
}
