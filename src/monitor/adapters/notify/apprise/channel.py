"""The kind of channel that sends through the library apprise.

The library runs in a new process for each message: the process is killed at the deadline whatever the library does,
and the server never loads it, which saves memory. In that process an audit hook of Python refuses every connection to
an address that `Destinations` does not allow, after the name was resolved and for redirects too, and every file that
Python itself does not need. Proxies from the environment are not used. The hook sees only Python's own
sockets: a plugin that connects through a library written in C would bypass it. Of the plugins of apprise only those for
desktops do, and they are refused.

The library reports whether it worked, but hardly ever why. A status of 4xx in its log is final (except 408, 425 and
429); everything else is retried.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from monitor.adapters.notify.wording.digest import chat_text
from monitor.adapters.outbound.destinations import Destinations
from monitor.application.notifications.sender_ports import ChannelSender, Message, SendResult, SendStatus
from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import MASK, Channel, ChannelForm, ChannelKind, Input, Setting

TOTAL = 20.0
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,31})://", re.IGNORECASE)
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)
_TRY_AGAIN = frozenset({408, 425, 429})
_PROBLEMS = {"invalid": "invalid_apprise_url", "file": "apprise_file", "local": "apprise_local"}
_THIS_MACHINE = SendResult(SendStatus.REFUSED, "the address uses files or services of this machine")
_RESULTS = {
    "sent": SendResult(SendStatus.SENT),
    "invalid": SendResult(SendStatus.REFUSED, "apprise does not know this address"),
    "file": _THIS_MACHINE,
    "local": _THIS_MACHINE,
    "refused": SendResult(SendStatus.REFUSED, "the address is not allowed"),
    "missing": SendResult(SendStatus.RETRY, "the library apprise is not installed"),
    "late": SendResult(SendStatus.RETRY, "timed out"),
}
_MODULE = "monitor.adapters.notify.apprise.process"


class AppriseSender(ChannelSender):
    """Sends a plain text to the service that an apprise URL names."""

    form = ChannelForm(
        kind=ChannelKind("apprise"),
        label=("聊天机器人（Apprise）", "Chat (Apprise)"),
        settings=(
            Setting(
                name="url",
                label=("URL", "URL"),
                hint=(
                    "例如 dingtalk://、feishu://、wecombot://、slack://、tgram://，需安装 monitor[apprise]。",
                    "For example dingtalk://, feishu://, wecombot://, slack:// or tgram://. Requires monitor[apprise].",
                ),
                required=True,
                secret=True,
            ),
            Setting(name="locale", label=("语言", "Language"), input=Input.LANGUAGE),
        ),
    )

    def __init__(
        self,
        destinations: Destinations,
        *,
        total: float = TOTAL,
        is_installed: Callable[[], bool] = lambda: find_spec("apprise") is not None,
    ) -> None:
        self._destinations = destinations
        self._total = total
        self._is_installed = is_installed

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        url = settings.get("url")
        if url is None:
            return {}
        if not self._is_installed():
            return {"url": Problem("apprise_missing")}
        # A URL that could not be checked in time is accepted; sending shows whether it works.
        outcome = self._run({"url": url})["outcome"] if _SCHEME.match(url) else "invalid"
        return {"url": Problem(_PROBLEMS[outcome])} if outcome in _PROBLEMS else {}

    def send(self, channel: Channel, message: Message) -> SendResult:
        title, text = chat_text(message)
        message.confirm()
        answer = self._run({"url": channel.settings.get("url", ""), "title": title, "text": text})
        outcome, status = answer["outcome"], answer.get("status")
        if outcome == "failed" and status is not None:
            is_final = 400 <= status < 500 and status not in _TRY_AGAIN
            return SendResult(SendStatus.REFUSED if is_final else SendStatus.RETRY, f"the service answered {status}")
        return _RESULTS.get(outcome, SendResult(SendStatus.RETRY, "apprise could not send it"))

    def shown(self, channel: Channel) -> dict[str, str]:
        scheme = _SCHEME.match(channel.settings.get("url", ""))
        return super().shown(channel) | {"url": f"{scheme[1].lower()}://{MASK}" if scheme else MASK}

    def _run(self, task: dict[str, Any]) -> dict[str, Any]:
        request = json.dumps({**task, "allowed": [str(network) for network in self._destinations.allowed]})
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module; text from outside goes to standard input.
                [sys.executable, "-P", "-m", _MODULE],
                input=request.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                timeout=self._total,
                check=False,
            )
            answer = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            return {"outcome": "late"}
        except (OSError, ValueError):  # ValueError: it died without output.
            return {"outcome": "died"}
        return answer if isinstance(answer, dict) and "outcome" in answer else {"outcome": "died"}


def _environment() -> dict[str, str]:
    """Return the environment without proxies and secrets, and with the packages that this process can import. The
    working directory is left out: the process may read every file next to its packages."""
    here = os.path.realpath(os.curdir)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path and os.path.realpath(path) != here),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
