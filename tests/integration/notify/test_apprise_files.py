"""No channel can read a file of the server, whatever parameter of whatever plugin names it."""

import json
from pathlib import Path

import pytest
from apprise import NotificationManager

from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.notify.apprise.process import FILES, LOCAL, PLAIN_TEMPLATES, run
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import SendStatus
from monitor.domain.errors import InvalidInput
from tests.integration.notify.hooks import Hook, serving
from tests.integration.notify.test_apprise import MESSAGE, a_channel

SENDER = AppriseSender(Destinations(networks(["127.0.0.0/8"])))
HARMLESS = {
    *(("NotifyForm", "attach-as"), ("NotifyNtfy", "filename")),
    *(("NotifyMatrix", "path"), ("NotifyHomeAssistant", "prefix")),
}
"""What a file is called when it is sent, and parts of the service's own address."""


URLS = [
    "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz?template=/etc/passwd",
    "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz?TEMPLATE=%2Fetc%2Fpasswd",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template=secrets.json",
    "tgram://123456789:abcdefg_hijklmnop/12315544/?template=file:///etc/passwd",
    "fcm://project/DEVICE?keyfile=/var/lib/monitor/secrets-key",
    "vapid://user@example.com/a@example.com?keyfile=/etc/shadow&subfile=/etc/shadow",
    "mailto://user:pass@example.com?pgppub=/etc/passwd",
    "mailtos://user:pass@example.com?pgp=sign&pgpprv=/root/key.asc",
    "ntfy://topic?attach=file:///etc/passwd",
    "json://hooks.example.com/a?+x=1&attach=/etc/passwd",
    "json://hooks.example.com/?anything=file:///etc/passwd",
]
ALWAYS = 2
"""Each starts two processes, which read all plugins."""


@pytest.mark.parametrize(
    "url", [*URLS[:ALWAYS], *(pytest.param(url, marks=pytest.mark.nightly(each=True)) for url in URLS[ALWAYS:])]
)
def test_parameters_that_name_a_file_are_refused(url):
    """When a channel is made or changed, and again before each message."""
    with pytest.raises(InvalidInput) as caught:
        SENDER.check(a_channel(url))
    assert {"settings.url": "apprise_file"} == {name: p.code for name, p in caught.value.problems.items()}
    assert SendStatus.REFUSED is SENDER.send(a_channel(url), MESSAGE).status


@pytest.mark.parametrize("url", ["syslog://", "syslog://local5"])
def test_services_of_this_machine_are_refused(url):
    with pytest.raises(InvalidInput) as caught:
        SENDER.check(a_channel(url))
    assert {"settings.url": "apprise_local"} == {name: p.code for name, p in caught.value.problems.items()}


def test_a_template_that_is_a_name_is_taken():
    SENDER.check(a_channel("sendgrid://abcdefghijklmnop:a@example.com/b@example.com?template=d-1234"))


def test_no_file_is_opened_by_an_unknown_parameter(monkeypatch, tmp_path: Path):
    """A parameter that a later version of the library adds: the process itself may open only Python's own files."""
    secret = tmp_path / "secret.json"
    secret.write_text('{"text": "T0P SECRET {{ app_body }}"}')
    opened: list[str] = []

    def remember(guard):
        def hook(path: str, mode: str | None, flags: int) -> None:
            try:
                guard("open", (path, mode, flags))
            except PermissionError:
                opened.append(path)

        for mode, flags in (("r", 0), ("rb", 0), ("w", 0x241), (None, 0x241)):
            hook(str(secret), mode, flags)
        hook(json.__file__, "r", 0)
        hook(json.__file__, "w", 0x241)

    assert "valid" == run({"url": "json://localhost/", "allowed": []}, remember)["outcome"]
    assert [str(secret)] * 4 + [json.__file__] == opened


def test_a_message_still_arrives_under_that_guard():
    """Where the library has nothing loaded yet, and reads its own modules and certificates."""
    with serving(Hook()) as hook:
        assert SendStatus.SENT is SENDER.send(a_channel(f"json://127.0.0.1:{hook.port}/a"), MESSAGE).status
    assert 1 == len(hook.received)


def test_every_parameter_of_the_installed_library_is_known():
    """Fails on a version with a new parameter that names a file, or a new service without an address."""
    manager = NotificationManager()
    manager.load_modules()
    files, local = set(), set()
    for plugin in manager.plugins():
        for name, about in plugin.template_args.items():
            said = f"{about.get('name', '')}".lower()
            if any(word in said for word in ("file", "path")) and "profile" not in said:
                files.add((plugin.__name__, name))
            if name == "template" and "path" not in said:
                assert plugin.__name__ in PLAIN_TEMPLATES
        if not plugin.secure_protocol and not any("/{" in template for template in plugin.templates):
            local.add(plugin.__name__)
    unknown = {(p, n) for p, n in files - HARMLESS if n not in FILES and (n != "template" or p in PLAIN_TEMPLATES)}
    assert set() == unknown
    assert local <= LOCAL
