"""The script that installs the agent on a host, for one server, and the line that fetches, checks and runs it."""

from __future__ import annotations

import shlex
from hashlib import sha256
from importlib.resources import files

from .bundle import build_bundle
from .problems import SettingError
from .target import parse_url

_SERVER_LINE = "SERVER=''"
_BUNDLE_LINE = "BUNDLE_SHA256=''"
_UNIT_LINE = "@UNIT@"
_SECURELY = "--proto '=https' --proto-redir '=https' "


def install_script(base_url: str) -> str:
    """`install.sh` for hosts that reach the server at *base_url*, the systemd unit and the agent's SHA-256 within.

    Raises ValueError: *base_url* is no http(s) URL.
    """
    resources = files(__package__)
    script = resources.joinpath("install.sh").read_text(encoding="utf-8")
    unit = resources.joinpath("monitor-agent.service").read_text(encoding="utf-8")
    for line, text in (
        (_SERVER_LINE, f"SERVER={shlex.quote(_plain(base_url))}"),
        (_BUNDLE_LINE, f"BUNDLE_SHA256={sha256(build_bundle()).hexdigest()}"),
        (_UNIT_LINE, unit.rstrip()),
    ):
        if script.count(f"\n{line}\n") != 1:
            raise AssertionError(f"install.sh must hold the line {line} once")
        script = script.replace(f"\n{line}\n", f"\n{text}\n")
    return script


def install_command(base_url: str) -> str:
    """The line for a host's shell. It holds the SHA-256 of the script, and no key: the script asks for that.

    Raises ValueError: *base_url* is no http(s) URL.
    """
    url = _plain(base_url)
    digest = sha256(install_script(url).encode()).hexdigest()
    securely = _SECURELY if url.startswith("https:") else ""
    return (
        f"curl -fsSL {securely}-o install.sh {shlex.quote(f'{url}/agent/install.sh')}"
        f" && echo '{digest}  install.sh' | sha256sum -c - && sudo sh install.sh"
    )


def _plain(base_url: str) -> str:
    try:
        return parse_url(base_url).url
    except SettingError as error:
        raise ValueError(str(error)) from None
