"""/ack/…: the page behind the link in a mail that acknowledges an alert.

GET only shows a button, because mail programs open links by themselves.
"""

from html import escape

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.messages import language, metric, page
from monitor.application.alerts.acknowledging import AcknowledgeByLink
from monitor.domain.alerts.alert import AlertClosed
from monitor.domain.errors import NotFound

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"></head>
<body><main><h1>{title}</h1>
{content}</main></body></html>
"""
_FORM = """<form method="post"><button type="submit">{button}</button></form>
"""
# The address is a credential: no cache keeps it.
_HEADERS = {"Cache-Control": "no-store"}


class AckController(Controller):
    path = "/ack/{token:str}"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def ask(self, token: FromPath[str], acknowledge_by_link: NamedDependency[AcknowledgeByLink]) -> Response[str]:
        try:
            alert = acknowledge_by_link.asked(token)
        except (AlertClosed, NotFound) as error:
            return _refused(error)
        return _shown(
            200, page("ack_question", metric=metric(alert.metric)), _FORM.format(button=escape(page("ack_button")))
        )

    @post("/", status_code=200, sync_to_thread=True)
    def acknowledge(
        self, token: FromPath[str], acknowledge_by_link: NamedDependency[AcknowledgeByLink]
    ) -> Response[str]:
        try:
            alert = acknowledge_by_link(token)
        except (AlertClosed, NotFound) as error:
            return _refused(error)
        return _shown(200, page("ack_done", metric=metric(alert.metric)))


def _refused(error: AlertClosed | NotFound) -> Response[str]:
    return _shown(409, page("ack_closed")) if isinstance(error, AlertClosed) else _shown(404, page("ack_unknown"))


def _shown(status: int, sentence: str, form: str = "") -> Response[str]:
    content = f"<p>{escape(sentence)}</p>\n{form}"
    text = _PAGE.format(language=language(), title=escape(page("ack_title")), content=content)
    return Response(text, status_code=status, media_type="text/html", headers=_HEADERS)
