"""/ack/…: the link in a mail, for a browser that runs no script."""

import re

import pytest

from tests.integration.http.alerts.alarms import Host, alerts, deliver, host, policy, with_address
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Person, World

CHINESE, ENGLISH = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB,en;q=0.9"}


class Mailed:
    """A user got a mail with a link that acknowledges."""

    def __init__(self, world: World) -> None:
        self.world = world
        policy(world)
        self.bob: Person = with_address(world, "bob")
        self.host: Host = host(world, "192.0.2.1", self.bob)
        self.host.reports(90)
        deliver(world)
        link = world.mailer.sent[0][1].items[0].ack_link
        assert link is not None
        self.path = link.removeprefix("https://monitor.example.com")

    @property
    def acknowledged_by(self) -> list[str | None]:
        return [alert["acknowledged_by"] for alert in alerts(self.world)]


@pytest.fixture
def mailed(new_world: NewWorld) -> Mailed:
    return Mailed(new_world(base_url="https://monitor.example.com"))


def test_opening_it_asks_and_the_button_acknowledges_once(mailed: Mailed) -> None:
    send, path = mailed.world.send, mailed.path
    for _ in range(2):
        asked = send("GET", path, headers=ENGLISH)
        assert (200, True) == (asked.status_code, '<form method="post">' in asked.text)
    assert [None] == mailed.acknowledged_by, "mail programs open links by themselves"
    done = send("POST", path, headers=ENGLISH, content=b"", address="203.0.113.9")
    assert (200, True) == (done.status_code, "Acknowledged: CPU." in done.text)
    assert ["bob"] == mailed.acknowledged_by
    for method in ("GET", "POST"):
        used = send(method, path, headers=ENGLISH)
        assert (404, True) == (used.status_code, "already been used" in used.text)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", "x" * 2000, "%00", "%E2%80%AE", "%3Cscript%3E"])
def test_an_unknown_link_is_404(world: World, method: str, token: str) -> None:
    answer = world.send(method, f"/ack/{token}", headers=ENGLISH)
    assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "<script" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_ended_alert_is_shown_as_ended(mailed: Mailed, method: str) -> None:
    mailed.host.reports(10)
    answer = mailed.world.send(method, mailed.path, headers=ENGLISH)
    assert (409, True) == (answer.status_code, "This alert has already ended." in answer.text)
    assert [None] == mailed.acknowledged_by


@pytest.mark.parametrize("how", ["unlink", "delete"])
def test_a_user_who_no_longer_sees_the_server_may_not_acknowledge(mailed: Mailed, how: str) -> None:
    if how == "unlink":
        mailed.world.send("POST", f"/api/servers/{mailed.host.id}/users", mailed.world.admin, json={"user_ids": []})
    else:
        mailed.world.send("DELETE", f"/api/users/{mailed.bob.id}", mailed.world.admin)
    assert [404, 404] == [mailed.world.send(method, mailed.path).status_code for method in ("GET", "POST")]
    assert [None] == mailed.acknowledged_by


def test_it_speaks_the_reader_s_language(mailed: Mailed) -> None:
    chinese, english = (mailed.world.send("GET", mailed.path, headers=each).text for each in (CHINESE, ENGLISH))
    assert '<html lang="zh-CN">' in chinese
    assert ">确认<" in chinese
    assert "Acknowledge" not in chinese
    assert '<html lang="en">' in english
    assert ">Acknowledge<" in english
    assert english.isascii()
    assert "已确认：CPU。" in mailed.world.send("POST", mailed.path, headers=CHINESE).text


def test_it_speaks_the_recipient_s_own_language_where_that_is_known(mailed: Mailed) -> None:
    send, path = mailed.world.send, mailed.path
    send("PUT", "/api/auth/me", mailed.bob, json={"locale": "en"})
    assert '<html lang="en">' in send("GET", path, headers=CHINESE).text
    mailed.host.reports(10)
    assert "This alert has already ended." in send("GET", path, headers=CHINESE).text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_needs_no_exception_from_the_content_security_policy(mailed: Mailed, method: str) -> None:
    answer = mailed.world.send(method, mailed.path)
    policy_ = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy_
    assert "form-action 'self'" in policy_
    assert "unsafe" not in policy_
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://|src=", answer.text)
    assert ("no-store", "same-origin") == (answer.headers["cache-control"], answer.headers["referrer-policy"])


def test_a_hostile_metric_name_is_no_markup() -> None:
    """Metric names cannot contain any, and any that does is escaped anyway."""
    from monitor.adapters.http.alerts.alerts import _shown

    assert "<b>" not in str(_shown(200, "<b>").content)
