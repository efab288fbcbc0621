"""/ack/…: the link in a mail that acknowledges. Opening it only asks: mail programs open links by themselves."""

from html import escape

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from monitor.adapters.http.authentication import ANONYMOUS
from monitor.application.alert_actions import AcknowledgeByLink
from monitor.domain.alerts import AlertClosed
from monitor.domain.errors import NotFound

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>monitor</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main>{content}</main></body></html>
"""
_FORM = """<h1>确认告警 · Acknowledge the alert</h1>
<form method="post"><button type="submit">确认 · Acknowledge</button></form>"""


class AckController(Controller):
    path = "/ack/{token:str}"
    opt = ANONYMOUS
    include_in_schema = False

    @get("/", sync_to_thread=False, media_type="text/html")
    def ask(self, token: FromPath[str]) -> str:
        return _PAGE.format(content=_FORM)

    @post("/", status_code=200, sync_to_thread=True)
    def acknowledge(
        self, token: FromPath[str], acknowledge_by_link: NamedDependency[AcknowledgeByLink]
    ) -> Response[str]:
        try:
            alert = acknowledge_by_link(token)
        except AlertClosed:
            return _said(409, "该告警已结束。 The alert is closed already.")
        except NotFound:
            return _said(404, "链接无效或已使用。 The link is not valid, or was used already.")
        return _said(200, f"已确认：{alert.metric}。 Acknowledged.")


def _said(status: int, sentence: str) -> Response[str]:
    return Response(_PAGE.format(content=f"<p>{escape(sentence)}</p>"), status_code=status, media_type="text/html")
