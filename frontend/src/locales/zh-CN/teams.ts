export default {
  subtitle: '一起查看或管理同一批服务器的人。', add: '新建团队', edit: '编辑团队 {name}', name: '名称', access: '成员权限', members: '成员', servers: '服务器', tags: '标签', group: '单点登录组', none: '无',
  readHint: '成员可以查看服务器并收到告警，但不能做任何修改，包括确认告警和静默。', writeHint: '成员如同与服务器直接关联，可以修改服务器。',
  serversHint: '团队拥有这些服务器，以及带有下列任一标签的服务器。', tagsHint: '今后带有这些标签的服务器也会自动归入团队。',
  groupHint: '可选。单点登录时，属于该组的人会加入团队，不再属于的人会退出。',
  addServer: '添加服务器', removeServer: '移除 {name}', moreMembers: '等 {n} 人', reaches: '{n} 台', search: '按名称、成员或标签筛选',
  empty: '还没有团队', emptyHint: '团队让成员通过标签或名单共享服务器，无需逐台关联。',
  delete: '删除团队', deleteText: '删除团队 {name}。其成员将失去通过它看到的 {n} 台服务器，也不再收到这些服务器的告警，除非另有直接关联或其他团队。服务器和历史数据会保留。',
}
