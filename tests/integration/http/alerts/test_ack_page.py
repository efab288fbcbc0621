"""/ack/…: the page behind the link in a message, for a browser that runs no script and is not logged in."""

import re
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from monitor.application.notifications.links import LASTS
from monitor.domain.accounts.limits import Quotas
from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.fleet.teams import TeamAccess
from tests.integration.http.alerts.alarms import Host, alerts, data, deliver, host, policy, with_address
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, Person, World

CHINESE, ENGLISH = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB,en;q=0.9"}
BASE = "https://monitor.example.com"


class Mailed:
    """A user got a mail with a link."""

    def __init__(self, world: World, **policy_fields: Any) -> None:
        self.world = world
        policy(world, **policy_fields)
        self.bob: Person = with_address(world, "bob")
        self.host: Host = host(world, "192.0.2.1", self.bob)
        self.host.reports(20)
        self.host.reports(90)
        deliver(world)
        link = world.mailer.sent[0][1].items[0].ack_link
        assert link is not None
        self.path = link.removeprefix(BASE)

    def get(self, **headers: str) -> httpx.Response:
        return self.world.send("GET", self.path, headers=ENGLISH | headers)

    def post(self, after: str = "", **headers: str) -> httpx.Response:
        """As a browser sends a form without fields."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        path, sent = self.path + after, ENGLISH | form | headers
        return self.world.send("POST", path, headers=sent, content=b"", address="203.0.113.9")

    @property
    def alert(self) -> Json:
        return alerts(self.world)[-1]

    @property
    def acknowledgements(self) -> int:
        _, timeline = self.world.store.queries.alerts.get(self.world.admin.actor, AlertId(1))
        return sum(each.event_kind is EventKind.ACKNOWLEDGED for each in timeline)

    @property
    def silences(self) -> list[Json]:
        found: list[Json] = data(self.world.send("GET", "/api/silences", self.world.admin))
        return found

    def audit(self, action: str) -> list[Json]:
        found: list[Json] = data(self.world.send("GET", f"/api/audit?action={action}", self.world.admin))
        return found


@pytest.fixture
def mailed(new_world: NewWorld) -> Mailed:
    return Mailed(new_world(base_url=BASE), note="# Hot\nLook at [wiki](https://wiki.example/cpu)")


def words(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def buttons(answer: httpx.Response) -> list[str]:
    return re.findall(r'class="button[^>]*>([^<]+)<', answer.text)


def test_opened_it_says_what_it_is_about_and_changes_nothing(mailed: Mailed) -> None:
    mailed.world.later(minutes=4)
    for method in ("GET", "HEAD", "GET"):
        answer = mailed.world.send(method, mailed.path, headers=ENGLISH)
        assert 200 == answer.status_code
    for text in (
        "CRITICAL host 192.0.2.1 192.0.2.1 CPU 90 % (threshold 85 %) for 4 min 10 s, since 2030-01-01 12:00:02 UTC",
        "Last 3 hours: 20 % to 90 %",
        "What to do Hot Look at wiki",
        "This link is for bob, until 2030-01-08 12:00 UTC.",
    ):
        assert text in words(answer)
    assert "<svg" in answer.text
    assert ["Acknowledge", "Silence for 2 h", "Open"] == buttons(answer)
    assert f'href="../alerts/{mailed.alert["id"]}"' in answer.text
    assert (0, []) == (mailed.acknowledgements, mailed.silences), "mail programs open links by themselves"


def test_the_button_acknowledges_in_the_person_s_name_once(mailed: Mailed) -> None:
    for _ in range(3):
        done = mailed.post()
        assert (200, True) == (done.status_code, "Acknowledged by bob at 2030-01-01 12:00 UTC" in words(done))
        assert ["Silence for 2 h", "Open"] == buttons(done)
    assert ("bob", 1) == (mailed.alert["acknowledged_by"], mailed.acknowledgements)
    [entry] = mailed.audit("alert.acknowledge")
    assert ("bob", "203.0.113.9") == (entry["username"], entry["address"])
    assert entry["detail"].endswith(", by mail")


def test_it_says_when_the_acknowledgement_expires(mailed: Mailed) -> None:
    assert "It expires at 2030-01-01 16:00 UTC" in words(mailed.post())
    mailed.world.send("PUT", "/api/settings", mailed.world.admin, json={"ack_expires": None})
    assert "expires" not in words(mailed.get())


def test_who_acknowledged_first_stays(mailed: Mailed) -> None:
    mailed.world.send("POST", f"/api/alerts/{mailed.alert['id']}/ack", mailed.world.admin)
    assert "Acknowledged by admin" in words(mailed.get())
    assert "Acknowledged by admin" in words(mailed.post())
    assert "admin" == mailed.alert["acknowledged_by"]


def test_it_silences_this_metric_of_this_server_for_two_hours(mailed: Mailed) -> None:
    for _ in range(2):
        done = mailed.post("/silence")
        assert (200, True) == (done.status_code, "Silenced" in words(done))
        assert ["Acknowledge", "Open"] == buttons(done)
    [silence] = mailed.silences
    assert ({"server_id": mailed.host.id}, "cpu", "bob") == (
        silence["scope"],
        silence["metric"],
        silence["created_by"],
    )
    assert ("2030-01-01 12:00:12", "2030-01-01 14:00:12") == (silence["starts_at"], silence["ends_at"])
    [entry] = mailed.audit("silence.create")
    assert ("bob", "203.0.113.9") == (entry["username"], entry["address"])
    assert 0 == mailed.acknowledgements


def test_a_silence_counts_for_the_person_s_quota(new_world: NewWorld) -> None:
    mailed = Mailed(new_world(base_url=BASE, quotas=Quotas(silences=1)))
    scope = {"server_id": mailed.host.id}
    body = {"scope": scope, "metric": "disk", "ends_at": "2030-01-02 00:00:00", "reason": ""}
    assert 200 == mailed.world.send("POST", "/api/silences", mailed.bob, json=body).status_code
    refused = mailed.post("/silence")
    assert (403, True) == (refused.status_code, "MONITOR_MAX_SILENCES" in refused.text)
    assert 1 == len(mailed.silences)


@pytest.mark.parametrize("after", ["", "/silence"])
def test_after_the_end_it_is_harmless(mailed: Mailed, after: str) -> None:
    mailed.host.reports(10)
    for answer in (mailed.get(), mailed.post(after)):
        assert 200 == answer.status_code
        assert "RESOLVED host 192.0.2.1" in words(answer)
        assert "This alert has ended." in words(answer)
        assert "resolved" == answer.headers["alert-state"]
        assert ["Open"] == buttons(answer)
    assert ("resolved", None, []) == (mailed.alert["state"], mailed.alert["acknowledged_by"], mailed.silences)


def test_it_works_for_seven_days(mailed: Mailed) -> None:
    mailed.world.later(seconds=LASTS.total_seconds() - 20)
    assert 200 == mailed.get().status_code
    mailed.world.later(seconds=20)
    for answer in (mailed.get(), mailed.post(), mailed.post("/silence")):
        assert (410, True) == (answer.status_code, "This link has expired. Log in" in words(answer))
        assert "192.0.2.1" not in answer.text
    assert 0 == mailed.acknowledgements


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "token", ["x", "x" * 2000, "%00", "%E2%80%AE", "%3Cscript%3E", f"1-{'0' * 64}", f"99-{'a' * 64}"]
)
def test_a_wrong_link_is_404(mailed: Mailed, method: str, token: str) -> None:
    for after in ("", "/silence") if method == "POST" else ("",):
        answer = mailed.world.send(method, f"/ack/{token}{after}", headers=ENGLISH)
        assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
        assert "This link is not valid" in words(answer)
        assert not re.search(r"<script|192\.0\.2\.1", answer.text)


@pytest.mark.parametrize("how", ["unlink", "delete the user", "delete the server"])
def test_a_person_who_no_longer_sees_the_server_sees_nothing(mailed: Mailed, how: str) -> None:
    send, admin = mailed.world.send, mailed.world.admin
    if how == "unlink":
        send("POST", f"/api/servers/{mailed.host.id}/users", admin, json={"user_ids": []})
    elif how == "delete the user":
        send("DELETE", f"/api/users/{mailed.bob.id}", admin)
    else:
        send("DELETE", f"/api/servers/{mailed.host.id}", admin)
    for answer in (mailed.get(), mailed.post(), mailed.post("/silence")):
        assert 404 == answer.status_code
        assert not re.search(r"192\.0\.2\.1|CPU|bob", answer.text)
    assert [] == mailed.silences


def test_a_person_who_may_only_see_the_server_gets_no_buttons(mailed: Mailed) -> None:
    send, admin = mailed.world.send, mailed.world.admin
    mailed.world.team(TeamAccess.READ, mailed.host.id, mailed.bob)
    send("POST", f"/api/servers/{mailed.host.id}/users", admin, json={"user_ids": []})
    shown = mailed.get()
    assert (200, ["Open"]) == (shown.status_code, buttons(shown))
    assert "You may now only see this server" in words(shown)
    for after in ("", "/silence"):
        refused = mailed.post(after)
        assert (403, True) == (refused.status_code, "You may now only see this server" in words(refused))
    assert (0, []) == (mailed.acknowledgements, mailed.silences)


def test_it_speaks_the_reader_s_language(mailed: Mailed) -> None:
    chinese, english = (mailed.world.send("GET", mailed.path, headers=each).text for each in (CHINESE, ENGLISH))
    assert '<html lang="zh-CN">' in chinese
    assert ">确认<" in chinese
    assert "Acknowledge" not in chinese
    assert '<html lang="en">' in english
    assert ">Acknowledge<" in english
    assert english.isascii()


def test_it_speaks_the_recipient_s_own_language_where_that_is_known(mailed: Mailed) -> None:
    mailed.world.send("PUT", "/api/auth/me", mailed.bob, json={"locale": "en"})
    assert '<html lang="en">' in mailed.get(**CHINESE).text
    mailed.world.later(seconds=LASTS.total_seconds())
    assert "This link has expired" in mailed.get(**CHINESE).text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_needs_no_exception_from_the_content_security_policy(mailed: Mailed, method: str) -> None:
    answer = mailed.world.send(method, mailed.path)
    policy_ = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy_
    assert "form-action 'self'" in policy_
    assert "unsafe" not in policy_
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|\ssrc=|url\(", answer.text)
    fetched = re.findall(r'<link rel="\w+" href="([^"]*)"', answer.text)
    assert [False, False] == [":" in each or each.startswith("//") for each in fetched]


@pytest.mark.parametrize("after", ["", "/silence"])
def test_its_links_are_relative(mailed: Mailed, after: str) -> None:
    """They work below a path of a proxy too."""
    own = f"{BASE}/below{mailed.path}{after}"
    text = mailed.post(after).text
    found = {urljoin(own, each) for each in re.findall(r'(?:href|action)="((?!https:)[^"?]*)', text)}
    below = f"{BASE}/below"
    buttons_ = {f"{below}{mailed.path}"} if after else {f"{below}{mailed.path}/silence"}
    assert {f"{below}/ack/page.css", f"{below}/favicon.svg", f"{below}/alerts/1"} | buttons_ == found


def test_the_address_is_kept_and_passed_on_by_no_one(mailed: Mailed) -> None:
    for answer in (mailed.get(), mailed.post(), mailed.world.send("GET", "/ack/x")):
        kept = ("cache-control", "referrer-policy", "x-robots-tag")
        assert [["no-store"], ["no-referrer"], ["noindex"]] == [answer.headers.get_list(name) for name in kept]
        assert '<meta name="robots" content="noindex">' in answer.text


def test_its_style_sheet_is_one_small_file(mailed: Mailed) -> None:
    [address] = re.findall(r'rel="stylesheet" href="([^"]*)"', mailed.get().text)
    answer = mailed.world.send("GET", f"/ack/{address}")
    assert (200, "text/css; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "immutable" in answer.headers["cache-control"]
    assert "prefers-color-scheme: dark" in answer.text
    assert len(answer.content) < 5000
    assert not re.search(r"url\(|@import", answer.text)


def test_a_second_message_has_a_link_of_its_own(new_world: NewWorld) -> None:
    world = new_world(base_url=BASE)
    policy(world)
    reporting = host(world, "192.0.2.1", with_address(world, "bob"))
    for cpu in (75, 90):
        reporting.reports(cpu)
        deliver(world)
    links = [item.ack_link for _, message in world.mailer.sent for item in message.items]
    assert 2 == len({*links})
    for link in links:
        assert link is not None
        shown = world.send("POST", link.removeprefix(BASE), headers=ENGLISH)
        assert (200, True) == (shown.status_code, "CRITICAL" in words(shown)), "as it is now"
    assert ["bob"] == [alert["acknowledged_by"] for alert in alerts(world)]
