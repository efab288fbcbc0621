"""/ack/…: the page behind the link in a message. It needs no log-in and no script, and a GET changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from pathlib import Path

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromPath

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.words.messages import language, page, quota, use_language
from monitor.application.accounts.sessions import Origin
from monitor.application.alerts.links import CHARTED, AcknowledgeByLink, LinkedAlert, LinkExpired, ShowLinkedAlert
from monitor.application.notifications.sender_ports import AlertCards
from monitor.application.policies.silences import SilenceByLink
from monitor.domain.accounts.errors import QuotaReached
from monitor.domain.errors import Forbidden, NotFound

_STYLE = Path(__file__).with_suffix(".css").read_bytes()
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{up}../favicon.svg"><link rel="stylesheet" href="{up}page.css?{version}"></head>
<body><main><p class="brand">monitor</p>
{content}
</main></body></html>
"""
_VERSION = sha256(_STYLE).hexdigest()[:12]
# The address is a credential: no cache keeps it, and no other site gets it.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Shows the alert of a link in the language of its person; in the browser's if that is not known."""

    show: ShowLinkedAlert
    cards: AlertCards

    def answer(self, token: str, act: Callable[[], object] = lambda: None, up: str = "") -> Response[str]:
        """*act*: what a button does first; it raises what `ShowLinkedAlert` raises, Forbidden or QuotaReached. *up*:
        from the page's own address to /ack/. Links are relative: a proxy may have moved the server below a path."""
        try:
            refusal = _refusal_of(act)
            linked = self.show(token)
        except LinkExpired as error:
            use_language(error.locale or language())
            return _refused(410, "ack_expired", up)
        except NotFound:
            return _refused(404, "ack_unknown", up)
        use_language(linked.user.locale or language())
        card = self.cards(linked.item, language(), linked.now, CHARTED)
        kind = linked.item.level.name.lower() if linked.item.alert.is_open else "ok"
        content = (
            f'<section class="card {kind}">{card.top}{"".join(_states(linked, refusal))}</section>\n'
            f'<div class="buttons">{"".join(_buttons(linked, token, up))}</div>\n'
            f'<section class="card {kind}">{card.rest}</section>\n'
            f'<p class="foot">{_said("ack_whose", name=linked.user.username, at=_utc(linked.expires_at))}</p>'
        )
        return _page(200 if refusal is None else 403, card.title, content, up, linked.item.alert.state)


def _refusal_of(act: Callable[[], object]) -> Forbidden | None:
    try:
        act()
    except Forbidden as error:
        return error
    return None


def _states(linked: LinkedAlert, refusal: Forbidden | None) -> Iterator[str]:
    """Yield what is so besides the alert, and why a button did nothing."""
    alert = linked.item.alert
    if not alert.is_open:
        yield f'<p class="state">{_said("ack_closed")}</p>'
    elif linked.acknowledged_by is not None and alert.acknowledged_at is not None:
        name = linked.acknowledged_by or page("ack_deleted_user")
        yield f'<p class="state">{_said("ack_by", name=name, at=_utc(alert.acknowledged_at))}</p>'
        if linked.acknowledged_until is not None:
            yield f'<p class="since">{_said("ack_until", at=_utc(linked.acknowledged_until))}</p>'
    if linked.is_silenced:
        yield f'<p class="state">{_said("ack_silenced")}</p>'
    if isinstance(refusal, QuotaReached):
        yield f'<p class="state">{escape(quota(refusal.reason, refusal.what, refusal.limit))}</p>'
    elif not linked.may_change:
        yield f'<p class="state">{_said("ack_read_only")}</p>'


def _buttons(linked: LinkedAlert, token: str, up: str) -> Iterator[str]:
    alert = linked.item.alert
    if alert.is_open and linked.may_change:
        if linked.acknowledged_by is None:
            yield _form(f"{up}{token}", "ack_button", "first")
        if linked.may_silence and not linked.is_silenced:
            yield _form(f"{up}{token}/silence", "ack_silence")
    yield f'<a class="button" href="{up}../alerts/{alert.id}">{_said("ack_open")}</a>'


def _form(action: str, key: str, kind: str = "") -> str:
    button = f'<button class="button {kind}" type="submit">{_said(key)}</button>'
    return f'<form method="post" action="{escape(action)}">{button}</form>'


def _refused(status: int, key: str, up: str) -> Response[str]:
    content = f'<section class="card"><h1>{_said("ack_title")}</h1><p class="state">{_said(key)}</p></section>'
    log_in = f'<div class="buttons"><a class="button" href="{up}../alerts">{_said("ack_log_in")}</a></div>'
    return _page(status, page("ack_title"), content + log_in, up)


def _page(status: int, title: str, content: str, up: str, state: str = "") -> Response[str]:
    """*state*: of the alert, for the service worker, which shows no page."""
    text = _PAGE.format(language=language(), title=escape(title), version=_VERSION, content=content, up=up)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=_HEADERS | {"Alert-State": state})


def _said(key: str, **params: str) -> str:
    return escape(page(key, **params))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


class LinkController(Controller):
    path = "/ack"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/page.css", sync_to_thread=False)
    def style(self) -> Response[bytes]:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(_STYLE, media_type="text/css", headers=headers)

    @get("/{token:str}", sync_to_thread=True)
    def show(self, token: FromPath[str], link_page: Part[LinkPage]) -> Response[str]:
        return link_page.answer(token)

    @post("/{token:str}", status_code=200, sync_to_thread=True)
    def acknowledge(
        self,
        token: FromPath[str],
        origin: Part[Origin],
        link_page: Part[LinkPage],
        acknowledge_by_link: Part[AcknowledgeByLink],
    ) -> Response[str]:
        return link_page.answer(token, lambda: acknowledge_by_link(token, origin.address))

    @post("/{token:str}/silence", status_code=200, sync_to_thread=True)
    def silence(
        self,
        token: FromPath[str],
        origin: Part[Origin],
        link_page: Part[LinkPage],
        silence_by_link: Part[SilenceByLink],
    ) -> Response[str]:
        reason = page("ack_silence_reason")
        return link_page.answer(token, lambda: silence_by_link(token, reason, origin.address), up="../")
