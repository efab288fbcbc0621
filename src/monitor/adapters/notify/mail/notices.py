"""The two bodies of a mail about a change of an account."""

from html import escape

from monitor.adapters.notify.mail.bodies import columns, isolated, page, signature, table
from monitor.adapters.notify.wording.account_texts import (
    account_advice,
    account_facts,
    account_headline,
    account_subject,
    say_account,
)
from monitor.adapters.notify.wording.texts import language_of, say
from monitor.application.notifications.ports import AccountNotice

_COLOUR = "#2f6fab"


def notice_html(notice: AccountNotice) -> str:
    language = language_of(notice.mail.locale)
    style = f"display:inline-block;margin:12px 0 0;color:{_COLOUR};font-weight:bold"
    link = f'<a href="{escape(notice.link)}" style="{style}">{say_account("open", language)}</a>' if notice.link else ""
    card = (
        f'<div style="background:#fff;border-left:4px solid {_COLOUR};padding:12px 16px;margin:0 0 12px">'
        f'<p style="margin:0 0 8px;font-weight:bold">{isolated(account_headline(notice.mail, language))}</p>'
        f"{table(account_facts(notice.mail, language))}"
        f'<p style="margin:12px 0 0">{escape(account_advice(notice.mail, language))}</p>{link}</div>'
    )
    return page(account_subject(notice.mail, language), card, notice.sent_at, language)


def notice_text(notice: AccountNotice) -> str:
    language = language_of(notice.mail.locale)
    facts = [(fact.label, fact.text) for fact in account_facts(notice.mail, language)]
    lines = [
        account_headline(notice.mail, language),
        "",
        *columns(facts, language),
        "",
        account_advice(notice.mail, language),
    ]
    if notice.link:
        lines.append(say_account("open", language) + say("colon", language) + notice.link)
    return "\n".join(lines) + signature(notice.sent_at, language)
