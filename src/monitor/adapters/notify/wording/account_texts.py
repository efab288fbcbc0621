"""A mail about a change of an account in words, in Chinese and English."""

from datetime import UTC, datetime

from monitor.adapters.notify.wording.facts import LONGEST_NAME, Fact
from monitor.adapters.notify.wording.texts import clean, say
from monitor.domain.accounts.account_mails import ABOUT_THE_SERVER, ABOUT_TURNS, AccountEvent, AccountMail

_LONGEST_ADDRESS = 300
_EVENTS = {
    AccountEvent.PASSWORD_CHANGED: ("您的密码已修改", "Your password was changed"),
    AccountEvent.PASSWORD_RESET: ("您的密码已被重置", "Your password was reset"),
    AccountEvent.EMAIL_CHANGED: ("您的邮箱已更改", "Your e-mail address was changed"),
    AccountEvent.TOTP_ON: ("您的账号已开启双重验证", "A second factor was set up for your account"),
    AccountEvent.TOTP_OFF: ("您的账号已关闭双重验证", "The second factor of your account was removed"),
    AccountEvent.FACTORS_RESET: ("您的双重验证已被重置", "The second factors of your account were reset"),
    AccountEvent.RECOVERY_CODE_USED: ("您的账号使用了一个恢复码", "A recovery code of your account was used"),
    AccountEvent.RECOVERY_CODES_RENEWED: ("您的账号生成了新的恢复码", "Your account has new recovery codes"),
    AccountEvent.PASSKEY_ADDED: ("您的账号新增了一个通行密钥", "A passkey was added to your account"),
    AccountEvent.PASSKEY_REMOVED: ("您的账号移除了一个通行密钥", "A passkey was removed from your account"),
    AccountEvent.PASSKEY_CLONED: (
        "您的一个通行密钥疑似被复制，已停用",
        "A passkey of your account seems to be copied, and no longer works",
    ),
    AccountEvent.SSO_JOINED: ("您的账号已关联单点登录", "Single sign-on was connected to your account"),
    AccountEvent.SSO_PARTED: ("您的账号已取消关联单点登录", "Single sign-on was disconnected from your account"),
    AccountEvent.TOKEN_CREATED: ("您的账号新建了一个个人令牌", "A personal token was created for your account"),
    AccountEvent.LOGIN_LINK: ("已为您的账号生成一个登录链接", "A log-in link was made for your account"),
    AccountEvent.ON_CALL_SOON: ("您将于一天后开始值班", "Your turn on call begins in a day"),
    AccountEvent.HANDED_OVER: ("值班已交接", "The turn on call was handed over"),
    AccountEvent.STORING_FAILS: ("监控服务端无法存储采样", "The monitoring server cannot store samples"),
    AccountEvent.STORING_WORKS: ("监控服务端恢复存储采样", "The monitoring server stores samples again"),
    AccountEvent.BACKUP_OVERDUE: ("监控服务端没有近期的备份", "The monitoring server has no recent backup"),
}
_NAMED = {
    AccountEvent.EMAIL_CHANGED: ("新邮箱", "New address"),
    AccountEvent.PASSKEY_ADDED: ("通行密钥", "Passkey"),
    AccountEvent.PASSKEY_REMOVED: ("通行密钥", "Passkey"),
    AccountEvent.PASSKEY_CLONED: ("通行密钥", "Passkey"),
    AccountEvent.TOKEN_CREATED: ("个人令牌", "Token"),
}
"""What the name of such a mail is."""
SENTENCES = {f"event.{event}": said for event, said in _EVENTS.items()}
"""All of them by a unique key: Chinese and English. Those of the facts are in `texts`."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip  # one a line would be longer than the rest


def account_headline(mail: AccountMail, language: int) -> str:
    """Return a sentence without anything that people typed."""
    return _EVENTS[mail.event][language]


def account_facts(mail: AccountMail, language: int) -> list[Fact]:
    """Return the account, what changed, when, by whom and from where; of the server what fails, and where; of a turn
    its rota, who comes on call, and what is open."""
    if mail.event in ABOUT_THE_SERVER:
        named = {"machine": clean(mail.address, LONGEST_NAME), "error": clean(mail.name, _LONGEST_ADDRESS)}
        facts = [Fact(say(key, language), text) for key, text in named.items() if text]
        return [*facts, Fact(say("since", language), _written(mail.at, language))]
    if mail.event in ABOUT_TURNS:
        named = {"rota": mail.name, "on_call": mail.changed_by, "open_alerts": mail.address}
        facts = [Fact(say(key, language), clean(text, _LONGEST_ADDRESS)) for key, text in named.items() if text]
        return [*facts, Fact(say("from_then", language), _written(mail.at, language))]
    found = [Fact(say("account", language), clean(mail.username, LONGEST_NAME))]
    if mail.name or mail.event is AccountEvent.EMAIL_CHANGED:
        label = _NAMED[mail.event][language] if mail.event in _NAMED else say("name", language)
        found.append(Fact(label, clean(mail.name, _LONGEST_ADDRESS) or say("no_name", language)))
    source = clean(mail.address, LONGEST_NAME) or say("command_line", language)
    return [
        *found,
        Fact(say("when", language), _written(mail.at, language)),
        Fact(say("by", language), clean(mail.changed_by, LONGEST_NAME)),
        Fact(say("from", language), source),
    ]


def account_advice(mail: AccountMail, language: int) -> str:
    """Return what to do."""
    others = {AccountEvent.STORING_FAILS: "while_it_fails", AccountEvent.STORING_WORKS: "it_works"}
    others |= {AccountEvent.BACKUP_OVERDUE: "until_a_backup"}
    others |= dict.fromkeys(ABOUT_TURNS, "on_call_advice")
    return say(others.get(mail.event, "advice"), language)


def _written(at: datetime, language: int) -> str:
    """Return a time as its readers write it, whatever the locale of this process."""
    utc = at.astimezone(UTC)
    if language:
        return f"{utc.day} {_MONTHS[utc.month - 1]} {utc:%Y, %H:%M:%S} UTC"
    return f"{utc.year}年{utc.month}月{utc.day}日 {utc:%H:%M:%S}（UTC）"
