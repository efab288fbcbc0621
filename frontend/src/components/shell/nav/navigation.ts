import {
  Aim,
  AlarmClock,
  Bell,
  Connection,
  Cpu,
  DataBoard,
  Document,
  Files,
  Memo,
  Message,
  Monitor,
  MuteNotification,
  Odometer,
  Setting,
  SetUp,
  User,
} from '@element-plus/icons-vue'
import type { Component } from 'vue'
import OnCallIcon from '../OnCallIcon.vue'
import TeamIcon from '../TeamIcon.vue'

interface NavItem {
  name: string
  to: string
  title: string
  icon: Component
}

const item = (name: string, icon: Component, to = `/${name}`): NavItem => ({
  name,
  to,
  title: `common.nav.${name}`,
  icon,
})

export const MONITORING: NavItem[] = [
  item('overview', Odometer, '/'),
  item('servers', Monitor),
  item('alerts', Bell),
  item('checks', Aim),
  item('check-ins', AlarmClock),
  item('silences', MuteNotification),
  item('on-call', OnCallIcon),
  item('policies', SetUp),
]

export const ADMINISTRATION: NavItem[] = [
  item('users', User),
  item('teams', TeamIcon),
  item('channels', Connection),
  item('notifications', Message),
  item('coverage', DataBoard),
  item('audit', Document),
  item('cluster', Cpu),
  item('settings', Setting),
  item('configuration', Files),
]

export const MORE_ICON: Component = Memo

/** True if a page belongs to a menu item, such as `/servers/12` to `/servers`. */
export function isUnder(path: string, to: string): boolean {
  return to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)
}
