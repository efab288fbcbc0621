"""Every sentence of mails and chats, in Chinese and English; values with their units; and safe text from outside."""

import hashlib
import math
import re
import unicodedata

from monitor.domain.alerts.alert import EventKind
from monitor.domain.intake.metrics import Unit, reading, unit_of
from monitor.domain.levels import Level

_TEXTS = {
    "test_tag": ("测试", "TEST"),
    "drill_tag": ("演练", "DRILL"),
    "drill": ("这是一次演练，并非真实故障，请确认收到", "this is a drill: nothing is broken, please acknowledge it"),
    "drill_over": ("演练已结束", "the drill has ended"),
    "test_subject": ("monitor 测试消息", "monitor test message"),
    "test_body": (
        "这是一条测试消息。收到此消息即表示告警通知可以送达。",
        "This is a test message. If you can read it, alerts will reach you.",
    ),
    "nothing": ("没有新的告警", "No alerts to report"),
    "count": ("{count} 条告警", "{count} alerts"),
    "sick_in": ("{value} 中的 {sick}/{all} 台", "{sick} of {all} in {value}"),
    "sick_in_network": ("网段 {value} 中的 {sick}/{all} 台", "{sick} of {all} in {value}"),
    "sick_on": ("依赖 {value} 的 {sick}/{all} 台", "{sick} of {all} that depend on {value}"),
    "more_in": ("{value} 新增 {count} 条", "{count} more in {value}"),
    "more_in_network": ("网段 {value} 新增 {count} 条", "{count} more in {value}"),
    "more_on": ("依赖 {value} 的新增 {count} 条", "{count} more that depend on {value}"),
    "more_here": ("新增 {count} 条", "{count} more"),
    "healthy": ("；{names} 正常", "; {names} is healthy"),
    "healthy_many": ("；{names} 正常", "; {names} are healthy"),
    "and": ("、", ", "),
    "healthy_more": ("；{names} 及另外 {count} 台正常", "; {names} and {count} more are healthy"),
    "colon": ("：", ": "),
    "detail": ("（{text}）", " ({text})"),
    "comma": ("，", ", "),
    "threshold_of": ("阈值 {value}", "threshold {value}"),
    "full": ("预计{time}用尽", "full {time}"),
    "reaches": ("预计{time}达到 {value}", "reaches {value} {time}"),
    "weekday": ("{day} {clock} UTC ", "on {day} at {clock} UTC"),
    "date": (" {day} {clock} UTC ", "on {day} at {clock} UTC"),
    "what_to_do": ("处理方法", "What to do"),
    "expected_full": ("预计用尽", "Full"),
    "expected_reach": ("预计达到阈值", "Threshold reached"),
    "escalated": ("已升级", "escalated"),
    "deescalated": ("已降级", "de-escalated"),
    "reminder": ("提醒：已持续 {time}", "reminder: firing for {time}"),
    "reminded": ("提醒", "reminder"),
    "was": ("曾为{level}：{time} 达 {value}", "was {level}, {value} at {time}"),
    "worst": ("峰值 {value}", "worst {value}"),
    "lasted": ("持续 {time}", "lasted {time}"),
    "firing_for": ("已持续 {time}", "firing for {time}"),
    "quiet": ("通知频率", "Quiet"),
    "held": (
        "自 {since} UTC 起有 {count} 条告警暂缓通知，最长持续 {longest}",
        "{count} held since {since} UTC, longest {longest}",
    ),
    "quiet_second": ("此后短暂的告警暂缓通知，每天最多一条", "further short ones are held; at most one a day"),
    "quiet_higher": ("级别高于此前的告警", "worse than before"),
    "quiet_daily": ("超过一天未发送此类通知", "none was sent for a day"),
    "quiet_lasted": ("持续时间比平时长", "it lasts longer than the others"),
    "quiet_added_up": ("暂缓通知的告警累计已持续数小时", "held ones have fired for hours in all"),
    "reads": ("{metric} {reading}", "{metric} is {reading}"),
    "offline": ("离线", "offline"),
    "silent_for": ("已 {time}未上报", "no report for {time}"),
    "online": ("恢复在线", "online again"),
    "was_silent": ("离线 {time}", "was offline for {time}"),
    "missed": ("未按时签到", "did not check in"),
    "expected_at": ("应于 {time} {zone}", "expected at {time} {zone}"),
    "failed_run": ("报告失败", "reported failure"),
    "exit_status": ("退出码 {status}", "exit status {status}"),
    "not_checked_in": ("尚未恢复签到", "has not checked in"),
    "unwatched": ("不再监控", "no longer watched"),
    "checks_in": ("恢复签到", "checks in again"),
    "was_interrupted": ("中断 {time}", "was down for {time}"),
    "found_late": ("{begin} 至 {end} UTC 曾为{level}，补报后得知", "was {level} {begin} to {end} UTC, found late"),
    "found_open": ("自 {begin} UTC 起为{level}，补报后得知", "{level} since {begin} UTC, found late"),
    "taken_back": ("补报的采样表明当时并未超限", "late samples show that there was no breach"),
    "gone": ("策略或服务器已变更", "policy or server changed"),
    "is_down": ("不可用", "is down"),
    "up_again": ("恢复可用", "is up again"),
    "was_down": ("不可用 {time}", "was down for {time}"),
    "cert_ends": ("证书将在 {days} 天后到期", "certificate ends in {days} days"),
    "cert_ended": ("证书已于 {days} 天前到期", "certificate ended {days} days ago"),
    "failure": ("失败原因", "Failure"),
    "check": ("检查", "Check"),
    "target": ("目标", "Target"),
    "server": ("服务器", "Server"),
    "check_in": ("签到任务", "Check-in"),
    "expected": ("应签到时间", "Expected"),
    "exit_code": ("退出码", "Exit status"),
    "output": ("输出", "Output"),
    "metric": ("指标", "Metric"),
    "level": ("级别", "Level"),
    "value": ("当前值", "Value"),
    "peak": ("峰值", "Worst"),
    "peak_of": ("{level}，{value}（{time}）", "{level}, {value} ({time})"),
    "threshold": ("阈值", "Threshold"),
    "started": ("开始异常", "Since"),
    "fired": ("触发时间", "Fired"),
    "ended": ("结束时间", "Ended"),
    "lasting": ("持续时间", "Duration"),
    "last_report": ("最近上报", "Last report"),
    "acknowledged": ("确认时间", "Acknowledged"),
    "note": ("备注", "Note"),
    "lasting_since": ("自 {since} 起，已持续 {time}", "for {time}, since {since}"),
    "lasted_until": ("{begin} 至 {end}，持续 {time}", "for {time}, from {begin} to {end}"),
    "last_hours": ("最近 {count} 小时", "Last {count} hours"),
    "hours_to_end": ("结束前 {count} 小时", "Last {count} hours before its end"),
    "last_hour": ("最近一小时", "Last hour"),
    "from_to": ("{low} 至 {high}", "{low} to {high}"),
    "bottom_top": ("下：{bottom}，上：{top}", "bottom: {bottom}, top: {top}"),
    "details": ("详情", "Details"),
    "process": ("触发时的主要进程", "Top processes when it fired"),
    "last_process": ("最近上报的主要进程", "Top processes in the last report"),
    "process_memory": ("内存", "memory"),
    "open_alert": ("查看告警", "View alert"),
    "acknowledge": ("确认告警", "Acknowledge"),
    "firing_group": ("触发中 · {level}（{count}）", "Firing, {level} ({count})"),
    "ended_group": ("已结束（{count}）", "Ended ({count})"),
    "more": ("另有 {count} 条", "and {count} more"),
    "account": ("账号", "Account"),
    "name": ("名称", "Name"),
    "when": ("时间", "When"),
    "by": ("操作人", "By"),
    "from": ("来源地址", "From"),
    "no_name": ("（已清除）", "(none)"),
    "command_line": ("服务端命令行", "the command line of the server"),
    "advice": (
        "如果这不是您本人的操作，也不是您知晓的管理员所为，请立即登录并修改密码、结束其他会话，并联系管理员。",
        "If this was neither you nor an administrator you asked, log in now, change your password, "
        "end your other sessions, and inform an administrator.",
    ),
    "open": ("打开账号页面", "Open your account"),
    "error": ("错误", "Error"),
    "since": ("开始时间", "Since"),
    "machine": ("主机", "Machine"),
    "while_it_fails": (
        "在此期间，agent 会保留采样并稍后重新发送；新的告警不会触发，也不会发送。请检查数据库及其磁盘空间。",
        "Agents keep their samples and send them again later. Until then no alert fires, and none is sent. "
        "Check the database and the free space on its disk.",
    ),
    "rota": ("值班表", "Rota"),
    "on_call": ("接班人", "On call from then on"),
    "open_alerts": ("尚未恢复的告警", "Open alerts"),
    "from_then": ("交接时间", "Hand-over"),
    "on_call_advice": (
        "如果届时无法值班，请在值班表中安排他人替班，或在账号页面登记不在的时间。",
        "If you cannot be on call then, ask a colleague to take over in the rota, or enter your absence on the "
        "account page.",
    ),
    "until_a_backup": (
        "服务端每 10 分钟重试一次。请检查备份目录及其磁盘空间。",
        "The server tries again every 10 minutes. Check the directory of the backups and the free space on its disk.",
    ),
    "it_works": ("agent 保留的采样会陆续到达。", "The samples that agents have kept arrive now."),
    "footer": ("由 monitor 于 {time} 发送", "Sent by monitor at {time}"),
    "footer_from": ("由 monitor（{place}）于 {time} 发送", "Sent by monitor ({place}) at {time}"),
}
_WEEKDAYS = (
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
_LEVELS = {Level.OK: ("正常", "ok"), Level.WARNING: ("警告", "warning"), Level.CRITICAL: ("严重", "critical")}
# The tag at the start of a subject. All other events show their level.
_TAGS = {
    EventKind.RESOLVED: ("已恢复", "RESOLVED"),
    EventKind.CANCELLED: ("已取消", "CANCELLED"),
    EventKind.ACKNOWLEDGED: ("已确认", "ACKNOWLEDGED"),
    EventKind.FOUND: ("补报", "FOUND LATE"),
}
SENTENCES = _TEXTS | {str(key): said for key, said in (*_LEVELS.items(), *_TAGS.items())}
"""All of them by a unique key: Chinese and English."""


def language_of(locale: str) -> int:
    """Return 1 for English, else 0 for Chinese, the default."""
    return 1 if locale.lower().startswith("en") else 0


def say(key: str, language: int, **figures: object) -> str:
    """Return the sentence for *key* with *figures* filled in. *language*: 0 Chinese, 1 English."""
    return _TEXTS[key][language].format(**figures)


def level_name(level: Level, language: int) -> str:
    return _LEVELS[level][language]


def weekday(day: int, language: int) -> str:
    """*day*: 0 is Monday."""
    return _WEEKDAYS[language][day]


def tag(event_kind: EventKind, level: Level, language: int) -> str:
    """Return the tag of a subject, such as "CRITICAL" or "已恢复"."""
    return _TAGS.get(event_kind, _LEVELS[level])[language].upper()


_PREFIXES = ("B", "kB", "MB", "GB", "TB")
_STEPS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))
ABSENT = "–"


def format_value(metric: str, value: float | None, language: int) -> str:
    """Return *value* with the unit of *metric*, such as "92.4 %", "1.2 MB/s" or "71 °C", or what it means."""
    if value is None or not math.isfinite(value):
        return ABSENT
    match unit_of(metric):
        case Unit.PERCENT:
            return f"{_number(value)} %"
        case Unit.BYTES:
            return _bytes(value, "")
        case Unit.BYTES_PER_SECOND:
            return _bytes(value, "/s")
        case Unit.MILLISECONDS:
            return f"{_number(value)} ms"
        case Unit.SECONDS:
            return duration(value, language)
        case Unit.DAYS:
            return f"{_number(value)} {_STEPS[0][1 + language]}"
        case Unit.CELSIUS:
            return f"{_number(value)} °C"
        case Unit.NONE:
            return reading(metric, value, language) or _number(value)


def duration(seconds: float, language: int) -> str:
    """Return *seconds* in their two largest units, such as "3 d 2 h" or "12 min"."""
    left = max(0, round(seconds))
    parts = []
    for size, *units in _STEPS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {units[language]}")
        elif parts:
            break
    return " ".join(parts[:2]) or f"0 {_STEPS[-1][1 + language]}"


def _bytes(value: float, per: str) -> str:
    power = 0
    while abs(value) >= 999.5 and power < len(_PREFIXES) - 1:
        value, power = value / 1000, power + 1
    return f"{float(f'{value:.3g}'):g} {_PREFIXES[power]}{per}"


def _number(value: float) -> str:
    if value and not 0.01 <= abs(value) < 1e12:
        return f"{value:.4g}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


_BREAKS = frozenset({"Cc", "Zl", "Zp"})
# Needed in Persian and Indic scripts and emoji. Every other format character can reorder or hide text.
_JOINERS = frozenset("\u200c\u200d")
# Longer header lines are folded, and inside an id the library does that wrongly.
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


def clean(text: str, longest: int) -> str:
    """Return *text* as one line of at most *longest* characters, without control and invisible characters."""
    kept = "".join(_visible(character) for character in text[: 4 * longest])
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def clean_lines(text: str) -> str:
    """Return *text* without control and invisible characters, in lines."""
    return "\n".join("".join(map(_visible, line)).rstrip() for line in text.split("\n"))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKS:
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cf" and character not in _JOINERS else character


def stable_id(message_id: str) -> str:
    """Return *message_id* in a form that any header may hold. Equal ids stay equal."""
    if _PLAIN_ID.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
