"""What the report of an incident says: Chinese and English."""

_CHINESE = """# {title}

- 级别：{level}
- 时间（UTC）：{times}
- 原因：{cause}
- 最先发生：{first}，{first_at}

## 服务器与检查

| 名称 | 告警 | 级别 | 开始 | 结束 |
| --- | --- | --- | --- | --- |
{servers}

## 时间线

{timeline}

## 通知

| 收件人 | 方式 | 首次发送 | 通知数 | 确认 |
| --- | --- | --- | --- | --- |
{notified}

## 如何更早或更少地通知

{better}

已在告警前一天及告警期间的历史上，为触发的 {all} 条策略中的 {tried} 条尝试相近的设置。
"""
_ENGLISH = """# {title}

- Level: {level}
- Time (UTC): {times}
- Cause: {cause}
- What came first: {first}, {first_at}

## Servers and checks

| Name | Alert | Level | From | Until |
| --- | --- | --- | --- | --- |
{servers}

## Timeline

{timeline}

## Notifications

| Who | Way | First sent | Notifications | Confirmed |
| --- | --- | --- | --- | --- |
{notified}

## What would have paged earlier or less

{better}

Of {all} policies that fired, edits of {tried} were tried on the history of the alert and of the day before.
"""
REPORT = {
    "report": (_CHINESE, _ENGLISH),
    "report_over": ("{start} 至 {end}，持续 {time}", "{start} to {end}, for {time}"),
    "report_goes_on": ("自 {start} 起，截至 {end} 已持续 {time}", "since {start}, for {time} at {end}"),
    "report_no_cause": ("未发现共同点", "nothing in common was found"),
    "report_nothing": ("未找到更好的设置。", "Nothing was found."),
    "report_edit": (
        "- {what}：若 {change}，通知数 {before} → {after}，首条{when}",
        "- {what} with {change}: notifications {before} → {after}, the first one {when}",
    ),
    "report_sooner": ("提前 {time}", "{time} earlier"),
    "report_later": ("推迟 {time}", "{time} later"),
    "report_same": ("时间不变", "at the same time"),
    "report_dependency": (
        "- 若 {children} 依赖 {parent}：通知数 {before} → {after}",
        "- If {children} depended on {parent}: notifications {before} → {after}",
    ),
    "report_together": ("（90 天内 {all} 次中有 {count} 次同时中断）", " (down together {count} of {all} times)"),
    "report_more": ("另有 {count} 项", "and {count} more"),
    "report_many_more": ("另有超过 {count} 项", "and more than {count} more"),
    "report_still": ("仍未恢复", "goes on"),
    "report_units": ("天 小时 分钟 秒", "d h min s"),
    "level_warning": ("警告", "warning"),
    "level_critical": ("严重", "critical"),
    "event_fired": ("触发", "fired"),
    "event_escalated": ("升级为严重", "escalated to critical"),
    "event_deescalated": ("降为警告", "de-escalated to warning"),
    "event_resolved": ("恢复", "resolved"),
    "event_cancelled": ("取消", "cancelled"),
    "event_acknowledged": ("确认", "acknowledged"),
    "event_reminded": ("提醒", "reminder"),
    "event_due": ("持续较久，不再暂缓", "lasted too long to be held"),
    "event_flapping": ("开始抖动", "started flapping"),
    "event_calmed": ("停止抖动", "stopped flapping"),
    "event_notified": ("已通知", "notified"),
    "event_parked": ("发送失败", "delivery failed"),
    "event_found": ("补报后得知", "found late"),
    "event_step": ("升级步骤", "escalation step"),
    "event_ack_expired": ("确认已到期", "acknowledgement expired"),
    "event_handed_over": ("值班交接", "turn handed over"),
}
