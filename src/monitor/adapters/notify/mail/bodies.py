"""The two bodies of mails: plain text, and HTML with tables and inline styles, as mail programs want."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from unicodedata import east_asian_width

from monitor.adapters.notify.wording.account_texts import account_advice, account_facts, account_headline
from monitor.adapters.notify.wording.chart import HEIGHT, WIDTH, Trend, charted, sparkline, trend_of
from monitor.adapters.notify.wording.digest import groups, subject, unlisted
from monitor.adapters.notify.wording.facts import Fact, facts, is_ended, processes, processes_title, utc
from monitor.adapters.notify.wording.headline import headline
from monitor.adapters.notify.wording.incident import incident_line
from monitor.adapters.notify.wording.markdown import note_html
from monitor.adapters.notify.wording.texts import clean_lines, language_of, say
from monitor.application.notifications.sender_ports import AccountNotice, Item, Message
from monitor.domain.accounts.users import LOCALES
from monitor.domain.levels import Level

MOST_CHARTS = 20
"""Items with a chart. The plain text draws one for every item."""
_ENDED, _COLOURS = "#2e8c57", {Level.OK: "#2e8c57", Level.WARNING: "#cf8214", Level.CRITICAL: "#c8283c"}
_ACCOUNT = "#2f6fab"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif"

Picture = Callable[[Item, Trend], str]
"""Adds a chart to the mail and returns its content id."""


def mail_html(message: Message, picture: Picture) -> str:
    language = language_of(message.locale)
    return _page(subject(message), "".join(_sections(message, language, picture)), message, language)


def _page(title: str, content: str, sent: Message | AccountNotice, language: int) -> str:
    """Return a whole page. *content*: HTML."""
    return (
        f'<!DOCTYPE html><html lang="{LOCALES[language]}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="margin:0;padding:16px;background:#f4f5f7;color:#222;{_FONT};font-size:14px;line-height:1.5">'
        f"{content}"
        f'<p style="color:#888;font-size:12px">{escape(_footer(sent, language))}</p>'
        "</body></html>"
    )


def _sections(message: Message, language: int, picture: Picture) -> Iterator[str]:
    if message.is_test:
        yield f"<p>{escape(say('test_body', language))}</p>"
    elif (line := incident_line(message)) or len(message.items) != 1:
        yield f'<h1 style="font-size:18px">{_isolated(line or subject(message))}</h1>'
    charts, notes = MOST_CHARTS, set[str]()
    for group in groups(message):
        if group.title:
            yield f'<h2 style="font-size:15px;margin:20px 0 8px">{escape(group.title)}</h2>'
        for item in group.items:
            trend = trend_of(item) if charts > 0 else None
            charts -= trend is not None
            chart = _chart(item, trend, language, picture) if trend else ""
            yield _card(item, message, language, chart + _note(item, language, notes))
    if (count := unlisted(message)) > 0:
        yield f"<p>{escape(say('more', language, count=count))}</p>"


def _card(item: Item, message: Message, language: int, chart: str) -> str:
    colour = _ENDED if is_ended(item) else _COLOURS[item.level]
    top = processes(item, language)
    return (
        f'<div style="background:#fff;border-left:4px solid {colour};padding:12px 16px;margin:0 0 12px">'
        f'<p style="margin:0 0 8px;font-weight:bold;color:{colour}">'
        f"{_isolated(headline(item, language, message.sent_at))}</p>"
        f"{_table(facts(item, language, message.sent_at))}{chart}"
        f"{_heading(processes_title(item, language)) + _table(top) if top else ''}"
        f"{_links(item, colour, language)}</div>"
    )


def _note(item: Item, language: int, given: set[str]) -> str:
    """Return what the policy says is to be done, once in a mail. *given*: those before."""
    if not (note := _first_time(item, given)):
        return ""
    return f'{_heading(say("what_to_do", language))}<div style="word-break:break-word">{note_html(note)}</div>'


def _first_time(item: Item, given: set[str]) -> str:
    note = "" if item.policy_note in given else item.policy_note
    given.add(item.policy_note)
    return clean_lines(note)


def _table(rows: list[Fact]) -> str:
    cells = "".join(
        f'<tr><td style="padding:1px 16px 1px 0;color:#777;vertical-align:top">{_isolated(row.label)}</td>'
        f'<td style="padding:1px 0;word-break:break-word">{_isolated(row.text)}</td></tr>'
        for row in rows
    )
    return f'<table style="border-collapse:collapse;font-size:14px">{cells}</table>'


def _chart(item: Item, trend: Trend, language: int, picture: Picture) -> str:
    label = say("last_hour", language) + say("colon", language) + charted(item, trend, language)
    return (
        f'{_heading(label)}<img src="cid:{escape(picture(item, trend))}" width="{WIDTH}" height="{HEIGHT}"'
        f' alt="{escape(label)}" style="display:block;border:1px solid #eee">'
    )


def _heading(text: str) -> str:
    return f'<p style="margin:10px 0 2px;color:#777">{escape(text)}</p>'


def _links(item: Item, colour: str, language: int) -> str:
    style = f"display:inline-block;margin:12px 12px 0 0;color:{colour};font-weight:bold"
    links = (("open_alert", item.link), ("acknowledge", item.ack_link))
    return "".join(
        f'<a href="{escape(link)}" style="{style}">{say(key, language)}</a>'
        for key, link in links
        if link is not None and link.startswith(("https://", "http://"))
    )


def _isolated(text: str) -> str:
    """Return *text* as HTML in which right-to-left letters do not reorder the text around it."""
    return f"<bdi>{escape(text)}</bdi>"


def mail_text(message: Message) -> str:
    language = language_of(message.locale)
    text = "\n".join(_lines(message, language)).strip("\n")
    return text + _signature(message, language)


def _signature(sent: Message | AccountNotice, language: int) -> str:
    """Return the end of a plain text, which mail programs set apart."""
    return f"\n\n-- \n{_footer(sent, language)}\n"


def _footer(sent: Message | AccountNotice, language: int) -> str:
    key = "footer_from" if sent.sent_from else "footer"
    return say(key, language, time=utc(sent.sent_at), place=sent.sent_from)


def _lines(message: Message, language: int) -> Iterator[str]:
    if message.is_test:
        yield say("test_body", language)
    elif (line := incident_line(message)) or len(message.items) != 1:
        yield line or subject(message)
    notes = set[str]()
    for group in groups(message):
        if group.title:
            yield from ("", f"== {group.title} ==")
        for item in group.items:
            yield ""
            yield from _item_lines(item, message, language)
            if note := _first_time(item, notes):
                yield say("what_to_do", language) + say("colon", language).rstrip()
                yield from (f"  {line}".rstrip() for line in note.split("\n"))
    if (count := unlisted(message)) > 0:
        yield from ("", say("more", language, count=count))


def _item_lines(item: Item, message: Message, language: int) -> Iterator[str]:
    yield headline(item, language, message.sent_at)
    yield ""
    yield from _columns(facts(item, language, message.sent_at), language)
    if (trend := trend_of(item)) is not None:
        yield say("last_hour", language) + say("colon", language).rstrip()
        yield f"  |{sparkline(trend)}| {charted(item, trend, language)}"
    if top := processes(item, language):
        yield processes_title(item, language) + say("colon", language).rstrip()
        yield from _columns([(f"  {fact.label}", fact.text) for fact in top], language)
    for key, link in (("open_alert", item.link), ("acknowledge", item.ack_link)):
        if link:
            yield say(key, language) + say("colon", language) + link


def _columns(rows: Sequence[tuple[str, str]], language: int) -> Iterator[str]:
    colon = say("colon", language).strip()
    widest = max((_width(label) for label, _ in rows), default=0)
    for label, text in rows:
        yield f"{label}{colon}{' ' * (widest - _width(label) + 1)}{text}"


def _width(text: str) -> int:
    """Return the width in cells of a fixed-width font, where a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def notice_subject(notice: AccountNotice) -> str:
    return f"[monitor] {account_headline(notice.mail, language_of(notice.mail.locale))}"


def notice_html(notice: AccountNotice) -> str:
    language = language_of(notice.mail.locale)
    style = f"display:inline-block;margin:12px 0 0;color:{_ACCOUNT};font-weight:bold"
    link = f'<a href="{escape(notice.link)}" style="{style}">{say("open", language)}</a>' if notice.link else ""
    card = (
        f'<div style="background:#fff;border-left:4px solid {_ACCOUNT};padding:12px 16px;margin:0 0 12px">'
        f'<p style="margin:0 0 8px;font-weight:bold">{_isolated(account_headline(notice.mail, language))}</p>'
        f"{_table(account_facts(notice.mail, language))}"
        f'<p style="margin:12px 0 0">{escape(account_advice(notice.mail, language))}</p>{link}</div>'
    )
    return _page(notice_subject(notice), card, notice, language)


def notice_text(notice: AccountNotice) -> str:
    language = language_of(notice.mail.locale)
    lines = [account_headline(notice.mail, language), "", *_columns(account_facts(notice.mail, language), language)]
    lines += ["", account_advice(notice.mail, language)]
    if notice.link:
        lines.append(say("open", language) + say("colon", language) + notice.link)
    return "\n".join(lines) + _signature(notice, language)
