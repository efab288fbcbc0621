"""Every sentence the API says, in Chinese (the default) and English."""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from monitor.domain.accounts.users import LOCALES
from monitor.domain.errors import Problem
from monitor.domain.intake.metrics import metric_name

_language: ContextVar[int] = ContextVar("language", default=0)

_SUCCESS = {
    "logged_in": ("登录成功", "Logged in"),
    "logged_out": ("已退出登录", "Logged out"),
    "fetched": ("获取成功", "OK"),
    "created": ("创建成功", "Created"),
    "updated": ("更新成功", "Updated"),
    "deleted": ("删除成功", "Deleted"),
    "authenticated": ("身份验证成功", "Confirmed who you are"),
    "second_factor_on": ("双重验证已启用", "The second factor is on"),
    "second_factor_off": ("双重验证已关闭", "The second factor is off"),
    "second_factors_reset": ("双重验证已重置", "The second factors were reset"),
    "password_changed": ("密码修改成功", "Password changed"),
    "password_reset": ("密码重置成功", "Password reset"),
    "submitted": ("提交成功", "Submitted"),
    "imported": ("导入成功", "Imported"),
    "planned": ("已生成计划，未做任何更改", "Planned, nothing was changed"),
    "applied": ("已应用", "Applied"),
    "would_import": ("预览成功，未做任何更改", "Preview only, nothing was changed"),
}

_REASONS = {
    "bad_request": ("请求无效", "Bad request"),
    "invalid_json": ("请求体不是有效的 JSON", "The request body is not valid JSON"),
    "invalid_input": ("输入无效", "Invalid input"),
    "unauthenticated": ("未登录或登录已失效", "Not logged in or session expired"),
    "invalid_credentials": ("用户名或密码错误", "Wrong user name or password"),
    "invalid_api_key": ("密钥无效", "Invalid API key"),
    "forbidden": ("没有权限", "Not allowed"),
    "password_change_required": ("请先修改密码", "Change the password first"),
    "code_required": ("请输入验证码", "Enter the code of your second factor"),
    "invalid_code": ("验证码错误或已使用", "The code is wrong or was already used"),
    "passkey_required": ("请使用通行密钥登录", "Log in with your passkey"),
    "invalid_passkey": ("通行密钥无效", "This passkey is not valid here"),
    "invalid_link": ("登录链接无效、已使用或已过期", "This log-in link is invalid, was already used, or has expired"),
    "failed": ("单点登录失败", "Single sign-on failed"),
    "second_factor_required": ("请先设置双重验证", "Set up a second factor first"),
    "reauthentication_required": ("请重新验证身份", "Confirm who you are first"),
    "not_for_tokens": ("个人令牌不能执行此操作", "A personal token may not do this"),
    "read_only_token": ("该令牌只能读取", "This token may only read"),
    "password_login_disabled": ("本服务仅支持单点登录", "This server takes single sign-on only"),
    "foreign_address": ("该密钥属于另一台服务器", "This API key belongs to another server"),
    "unregistered_host": (
        "该 IP 地址的主机正在用机群密钥上报，请联系管理员登记",
        "A host reports from this IP address with a fleet key. Ask an administrator to register it",
    ),
    "team_tag": (
        "标签“{tag}”会把服务器交给一个团队。只有管理员和该团队有修改权限的成员可以添加",
        'The tag "{tag}" hands a server to a team. Only administrators and members of that team who may change its '
        "servers can add it",
    ),
    "quota_reached": (
        "{what}已达每个用户的上限（{limit}）。请删除不再需要的，或联系管理员创建，或请运维人员调高 {setting}",
        "You have reached the limit of {limit} {what} for each user. Delete some that are no longer needed, "
        "ask an administrator to create more, or ask the operator of the server to raise {setting}",
    ),
    "own_quota_reached": (
        "{what}已达每个用户的上限（{limit}）。请删除不再需要的，或请运维人员调高 {setting}",
        "You have reached the limit of {limit} {what} for each user. Delete some that are no longer needed, "
        "or ask the operator of the server to raise {setting}",
    ),
    "not_found": ("不存在", "Not found"),
    "unknown_host": ("没有使用该 IP 地址的服务器", "No server has this IP address"),
    "method_not_allowed": ("不支持该请求方法", "Method not allowed"),
    "conflict": ("与现有数据冲突", "Conflicts with existing data"),
    "team_name_taken": ("已有同名团队", "There is a team with this name already"),
    "username_taken": ("用户名已存在", "This user name is already taken"),
    "identity_taken": (
        "该身份已关联到其他账号，或您的账号已关联单点登录",
        "This identity already belongs to an account, or your account already has one",
    ),
    "last_way_in": (
        "这样将无法再登录该账号。请先设置密码、添加通行密钥或关联单点登录",
        "You could not log in any more. Set a password, add a passkey or connect single sign-on first",
    ),
    "ip_address_taken": ("IP 地址已存在", "This IP address is already in use"),
    "channel_exists": ("已有渠道发往同一地址", "Another channel already sends to this address"),
    "too_many_check_ins": ("签到任务已达上限（10,000）", "There are 10,000 check-ins, and no room for more"),
    "policy_exists": ("该指标和范围已有告警策略", "A policy for this metric and scope already exists"),
    "configuration_changed": (
        "配置在此计划之后已有更改，请重新生成计划",
        "The configuration has changed since this plan. Plan the file again",
    ),
    "too_many_checks": ("检查已达上限（2000 个）", "There are 2,000 checks already, and no more fit"),
    "alert_closed": ("告警已结束", "The alert has already ended"),
    "not_parked": ("该通知未失败，无需重发", "This notification has not failed, so it cannot be resent"),
    "second_factor_on": ("验证器已启用", "An authenticator is set up already"),
    "second_factor_off": ("尚未设置验证器", "No authenticator is set up"),
    "passkey_exists": ("此通行密钥已添加", "This passkey was already added"),
    "passkeys_unavailable": (
        "通行密钥需要通过 HTTPS（或 localhost）以主机名访问。如前面有代理，请设置 MONITOR_BASE_URL",
        "Passkeys need HTTPS (or localhost) and a host name. Behind a proxy, set MONITOR_BASE_URL",
    ),
    "last_admin": ("不能移除最后一个管理员", "The last administrator cannot be removed"),
    "own_account": ("不能删除自己的账号", "You cannot delete your own account"),
    "too_large": ("请求体过大", "The request body is too large"),
    "headers_too_large": ("请求头过大", "The request headers are too large"),
    "misdirected": (
        "本服务不使用此主机名。如需允许，请设置 MONITOR_BASE_URL 或 MONITOR_ALLOWED_HOSTS",
        "This server does not go by this host name. MONITOR_BASE_URL or MONITOR_ALLOWED_HOSTS can allow it",
    ),
    "too_slow": ("请求发送过慢", "The request was sent too slowly"),
    "unsupported_media_type": ("不支持的内容类型", "Unsupported content type"),
    "too_many_attempts": ("尝试次数过多，请稍后再试", "Too many attempts. Try again later"),
    "too_many_at_once": (
        "同时进行的{what}已达每个用户的上限（{limit}），请先结束一个或稍后再试。运维人员可调高 {setting}",
        "You have reached the limit of {limit} concurrent {what} for each user. End one or try again later. "
        "The operator of the server can raise {setting}",
    ),
    "unavailable": ("服务暂不可用，请稍后重试", "The service is unavailable. Try again later"),
    "storage_unavailable": ("数据库暂不可用，请稍后重试", "The database is unavailable. Try again later"),
    "issuer_unavailable": ("单点登录服务暂不可用，请稍后重试", "Single sign-on is unavailable. Try again later"),
    "history_unavailable": (
        "更早的历史存放在另一处存储中，该存储暂不可用，请稍后重试",
        "This history is kept in a separate store, which is unavailable. Try again later",
    ),
    "transaction_conflict": ("系统繁忙，请稍后重试", "The server is busy. Try again later"),
    "overloaded": ("系统繁忙，请稍后重试", "The server is overloaded. Try again later"),
    "secret_unreadable": ("无法读取已保存的密钥", "The stored secrets cannot be read"),
    "in_future": ("采样时间晚于服务端时间", "The sample time is in the future"),
    "too_old": ("采样时间过早", "The sample time is too far in the past"),
    "unknown_server": ("服务器已被删除", "The server was deleted"),
    "internal": ("服务器内部错误", "Internal server error"),
}

_COUNTED = {
    "servers": ("服务器", "servers"),
    "silences": ("静默", "silences"),
    "policies": ("告警策略", "alert policies"),
    "keys": ("密钥", "API keys"),
    "tokens": ("个人令牌", "personal tokens"),
    "streams": ("实时连接", "live streams"),
    "backtests": ("回测", "backtests"),
}
"""What a quota is about."""

_PAGES = {
    "ack_title": ("确认告警", "Acknowledge alert"),
    "ack_question": (
        "确认后，该告警（{metric}）不再发送提醒。",
        "Acknowledging this alert ({metric}) stops its reminders.",
    ),
    "ack_button": ("确认", "Acknowledge"),
    "ack_done": ("已确认：{metric}。", "Acknowledged: {metric}."),
    "ack_closed": ("该告警已结束。", "This alert has already ended."),
    "ack_read_only": (
        "您现在只能查看该服务器，不能确认其告警。",
        "You may now only see this server, and not acknowledge its alerts.",
    ),
    "ack_unknown": ("链接无效或已使用。", "This link is invalid or has already been used."),
}

_PROBLEMS = {
    "required": ("必填", "required"),
    "empty": ("不能为空", "must not be empty"),
    "too_long": ("最多 {limit} 个字符", "at most {limit} characters"),
    "too_short": ("至少 {limit} 个字符", "at least {limit} characters"),
    "invalid_passkey": ("无法验证此通行密钥，请重试", "could not be verified, try again"),
    "too_many": ("最多 {limit} 个", "at most {limit}"),
    "out_of_range": ("必须在 {low} 到 {high} 之间", "must be between {low} and {high}"),
    "not_finite": ("必须是有限的数", "must be a finite number"),
    "control_characters": ("不能包含控制字符或不可见字符", "must not contain control or invisible characters"),
    "not_one_of": ("必须是以下之一：{choices}", "must be one of: {choices}"),
    "invalid_choice": ("不是允许的值", "not one of the allowed values"),
    "invalid_email": ("邮箱地址无效", "not a valid e-mail address"),
    "invalid_ip": ("IP 地址无效", "not a valid IP address"),
    "invalid_tag": (
        "标签须为 1 到 {limit} 个字符，且不含逗号和分号",
        "a tag must have 1 to {limit} characters and no comma or semicolon",
    ),
    "invalid_time": ("时间格式应为 YYYY-MM-DD HH:MM:SS", "must have the format YYYY-MM-DD HH:MM:SS"),
    "invalid_metric_name": ("指标名称无效", "not a valid metric name"),
    "invalid_cursor": ("分页游标无效", "not a valid cursor"),
    "invalid_csv": ("CSV 格式错误", "not valid CSV"),
    "invalid_csv_header": ("表头应为 {columns}", "the header must be {columns}"),
    "not_snappy": ("不是 snappy 块格式", "is not in the block format of snappy"),
    "not_remote_write": ("不是 remote-write 1.0 请求", "is not a request of remote-write 1.0"),
    "too_large_unpacked": ("解压后超过 {limit} 字节", "has more than {limit} bytes unpacked"),
    "too_many_series": ("最多 {limit} 个序列", "has more than {limit} series"),
    "too_many_samples": ("最多 {limit} 个采样", "has more than {limit} samples"),
    "too_many_fields": ("最多 {limit} 个字段", "has more than {limit} fields"),
    "too_many_targets": (
        "同一服务器十分钟内最多 {limit} 个抓取目标",
        "has more than {limit} targets of one server in ten minutes",
    ),
    "too_many_scrapes": (
        "同一服务器十分钟内最多 {limit} 次抓取",
        "has more than {limit} scrapes of one server in ten minutes",
    ),
    "too_many_bytes": (
        "同一服务器十分钟内的抓取超过 {limit} 字节",
        "has scrapes of one server that take more than {limit} bytes in ten minutes",
    ),
    "too_many_names": ("序列名称总长超过 {limit} 个字符", "has names of series with more than {limit} characters"),
    "label_too_long": ("标签过长", "has a label that is too long"),
    "invalid_labels": ("标签重复或超过 {limit} 个", "has a series with a repeated label, or more than {limit}"),
    "invalid_encoding": ("必须是 UTF-8 编码", "must be UTF-8"),
    "wrong_column_count": ("应有 {expected} 列，实际 {got} 列", "expected {expected} columns, found {got}"),
    "repeated_in_file": ("与第 {line} 行重复", "same as line {line}"),
    "taken": ("已被占用", "already taken"),
    "unregistered_host": ("已有主机使用此地址上报，须由管理员登记", "a host reports from here: for administrators"),
    "quota_reached": ("超出每个用户 {limit} 台服务器的上限", "beyond the limit of {limit} servers for each user"),
    "read_only": ("您只能查看此服务器，不能修改", "you may only see this server, and not change it"),
    "team_tag": ("标签“{tag}”属于一个团队", 'the tag "{tag}" belongs to a team'),
    "unknown_servers": ("服务器不存在：{ids}", "unknown servers: {ids}"),
    "unknown_users": ("用户不存在：{ids}", "unknown users: {ids}"),
    "unknown_field": ("未知字段", "unknown field"),
    "wrong_type": ("类型错误，应为 {expected}", "wrong type, expected {expected}"),
    "invalid_value": ("值无效：{rule}", "invalid: {rule}"),
    "password_is_username": ("密码不能与用户名相同", "must differ from the user name"),
    "common_password": ("密码过于常见", "the password is too common"),
    "wrong_password": ("密码错误", "wrong password"),
    "same_password": ("新密码不能与旧密码相同", "must differ from the old password"),
    "scope_of_one_kind": ("只能指定服务器或标签之一", "choose a server or a tag, not both"),
    "not_negative": ("不能为负数", "must not be negative"),
    "not_for_offline": ("离线策略没有阈值", "the offline policy has no thresholds"),
    "of_another_kind": ("不适用于此类策略", "is not for policies of this kind"),
    "not_for_ranges": ("范围策略没有阈值、方向和恢复余量", "a range has no thresholds, direction or margin"),
    "needs_samples": ("此指标没有采样，只能使用阈值策略", "this metric has no samples, so only thresholds fit it"),
    "threshold_required": ("至少需要一个阈值", "at least one threshold is required"),
    "never_clears": ("恢复余量过大，任何值都无法使告警恢复", "no value can clear it, so the alert would never resolve"),
    "critical_beyond_warning": ("严重阈值必须比警告阈值更严", "must be stricter than the warning threshold"),
    "not_after_start": ("必须晚于开始时间", "must be after the start"),
    "invalid_recurrence": ("重复规则无效", "not a valid recurrence"),
    "invalid_clock_time": ("时间格式应为 HH:MM", "must have the format HH:MM"),
    "period_or_schedule": ("周期与计划须且只能填写一项", "give either a period or a schedule"),
    "invalid_schedule": (
        "须为五段的 cron 表达式，且确有触发时刻",
        "must be a cron expression of five fields that comes to pass",
    ),
    "unknown_zone": ("未知时区", "unknown time zone"),
    "invalid_url": ("须为 http 或 https 地址", "must be an http or https address"),
    "invalid_endpoint": ("须为 主机:端口", "must be host:port"),
    "invalid_host": ("须为主机名或 IP 地址", "must be a host name or an address"),
    "invalid_question": ("须为 域名 或 域名@服务器:端口", "must be a name, or name@server:port"),
    "shorter_than_interval": ("必须小于间隔", "must be less than the interval"),
    "not_for_this_kind": ("不适用于此类检查", "is not for this kind of check"),
    "address_refused": ("不允许使用该地址", "this address is not allowed"),
    "masked": ("隐藏的内容需重新填写", "contains hidden characters, enter it again in full"),
    "apprise_missing": ("服务端未安装 apprise 库", "the apprise library is not installed on the server"),
    "apprise_file": (
        "不能使用读取服务端文件的参数（attach、template、keyfile 等）",
        "must not use parameters that read files of the server (attach, template, keyfile and the like)",
    ),
    "apprise_local": ("只会通知服务端本机", "would only notify the server's own machine"),
    "invalid_apprise_url": ("不是 apprise 支持的地址", "not supported by apprise"),
    "not_in_future": ("必须晚于现在", "must be in the future"),
    "too_far": ("最长 {years} 年", "must be within {years} years"),
    "at_line": ("（第 {line} 行）{why}", "(line {line}) {why}"),
    "invalid_yaml": ("不是有效的 YAML：{why}", "not valid YAML: {why}"),
    "not_plain_yaml": ("不支持 YAML 的锚点、别名和标签", "must not use anchors, aliases or tags of YAML"),
    "one_document": ("只能有一个 YAML 文档", "must be one YAML document"),
    "too_deep": ("最多嵌套 {limit} 层", "must not be nested more than {limit} levels deep"),
    "repeated": ("重复", "is there twice"),
    "unknown_name": ("“{name}”不存在", '"{name}" does not exist'),
    "not_before_end": ("开始时间必须早于结束时间", "must be before the end"),
    "in_future": ("晚于服务端时间", "is in the future"),
    "too_old": ("早于保留期限", "is older than the retention period"),
}
SENTENCES = (
    _SUCCESS
    | _REASONS
    | _PAGES
    | {f"problem.{code}": said for code, said in _PROBLEMS.items()}
    | {f"counted.{what}": said for what, said in _COUNTED.items()}
)
"""All of them, by a key of their own: Chinese and English."""
_MENTIONED = 3


def use_language(accept_language: str) -> None:
    """Set the language for the rest of this request: English if it is preferred to Chinese."""
    _language.set(_asked(accept_language) or 0)


def asked_locale(accept_language: str) -> str | None:
    """Return the locale that is asked for; None if it is none of ours."""
    rank = _asked(accept_language)
    return None if rank is None else LOCALES[rank]


def _asked(accept_language: str) -> int | None:
    if not accept_language:  # from agents
        return None
    ranked = sorted(_weighted(accept_language), key=lambda pair: -pair[1])
    return next((rank for tag, _ in ranked if (rank := _rank(tag)) is not None), None)


def _weighted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(",")[:20]:
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value for name, _, value in (p.partition("=") for p in parameters) if name == "q"), "1")
        try:
            weight = float(quality)
        except ValueError:
            continue
        if weight > 0:  # 0 excludes a language (RFC 9110, section 12.4.2)
            yield tag, weight


def _rank(tag: str) -> int | None:
    return {"zh": 0, "en": 1}.get(tag.split("-")[0])


def language() -> str:
    return LOCALES[_language.get()]


def metric(name: str) -> str:
    """Return the name of a metric in the language of this request."""
    return metric_name(name, _language.get())


def page(key: str, **params: object) -> str:
    """Return a text of the pages outside of the screen."""
    return _PAGES[key][_language.get()].format(**params)


def success(key: str) -> str:
    return _SUCCESS[key][_language.get()]


def failure(reason: str, fields: Mapping[str, str] | None = None) -> str:
    """Return the sentence for *reason*, with the first few *fields* and their problems."""
    chosen = _language.get()
    sentence = _REASONS.get(reason, _REASONS["internal"])[chosen]
    if not fields:
        return sentence
    colon, comma = (("：", "；"), (": ", "; "))[chosen]
    return sentence + colon + comma.join(f"{name} {why}" for name, why in list(fields.items())[:_MENTIONED])


def quota(reason: str, what: str, limit: int) -> str:
    """Return the sentence for a *reason* about the *limit* of *what* each user may have."""
    chosen = _language.get()
    if (reason, what) == ("quota_reached", "tokens"):  # nobody else can create them
        reason = "own_quota_reached"
    setting = f"MONITOR_MAX_{what.upper()}"
    return _REASONS[reason][chosen].format(what=_COUNTED[what][chosen], limit=limit, setting=setting)


def team_tag(tag: str) -> str:
    return _REASONS["team_tag"][_language.get()].format(tag=tag)


def problem(found: Problem) -> str:
    params = {name: problem(value) if isinstance(value, Problem) else value for name, value in found.params.items()}
    return _PROBLEMS[found.code][_language.get()].format(**params)
