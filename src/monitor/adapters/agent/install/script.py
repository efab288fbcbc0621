"""The script that installs the agent for one server, and the command that downloads, checks and runs it."""

from __future__ import annotations

import shlex
from hashlib import sha256
from importlib.resources import files

from ..uplink.target import parse_url
from .bundle import build_bundle

_SERVER_LINE = "SERVER=''"
_BUNDLE_LINE = "BUNDLE_SHA256=''"
_UNIT_LINE = "@UNIT@"
_SECURELY = "--proto '=https' --proto-redir '=https' "


def install_script(base_url: str) -> str:
    """Return `install.sh` for the server at *base_url*, with the systemd unit and the bundle's SHA-256 in it.

    Raises ValueError if *base_url* is not an http(s) URL.
    """
    resources = files(__package__)
    script = resources.joinpath("install.sh").read_text(encoding="utf-8")
    unit = resources.joinpath("monitor-agent.service").read_text(encoding="utf-8")
    for line, text in (
        (_SERVER_LINE, f"SERVER={shlex.quote(parse_url(base_url).url)}"),
        (_BUNDLE_LINE, f"BUNDLE_SHA256={sha256(build_bundle()).hexdigest()}"),
        (_UNIT_LINE, unit.rstrip()),
    ):
        if script.count(f"\n{line}\n") != 1:
            raise AssertionError(f"install.sh must contain the line {line} once")
        script = script.replace(f"\n{line}\n", f"\n{text}\n")
    return script


def install_command(base_url: str) -> str:
    """Return the command for a host's shell. It holds the SHA-256 of the script, and no key: the script asks for it.

    Raises ValueError if *base_url* is not an http(s) URL.
    """
    url = parse_url(base_url).url
    digest = sha256(install_script(url).encode()).hexdigest()
    securely = _SECURELY if url.startswith("https:") else ""
    return (
        f"curl -fsSL {securely}-o install.sh {shlex.quote(f'{url}/agent/install.sh')}"
        f" && echo '{digest}  install.sh' | sha256sum -c - && sudo sh install.sh"
    )
