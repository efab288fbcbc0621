"""A new kind of check is a line in the domain, and a probe in its list: everything else asks these."""

from contextlib import closing
from typing import Any

import pytest
import yaml

from monitor.adapters.checks.kinds import PROBES
from monitor.adapters.checks.outcomes import Answer, Run, Unexpected
from monitor.adapters.outbound.destinations import networks
from monitor.domain.checks.kinds import KINDS, CheckKind
from monitor.domain.checks.targets import Endpoint, endpoint_of
from tests.integration.checks.targets import listening
from tests.integration.http.alerts.alarms import data, fields
from tests.integration.http.configuration.scene import apply, changed, export, plan
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, World

PATH = "/api/checks"
QUOTE: Json = {"name": "wisdom", "kind": "quote", "target": "quotes.example.com"}


def quote_target(target: str) -> Endpoint:
    """RFC 865: the quote of the day comes from port 17, where no other is named."""
    return endpoint_of(target, 17)


def probe(run: Run) -> Answer:
    host, port = quote_target(run.check.target)
    with closing(run.connect(run.addresses(host, port), port)) as connection:
        quote = connection.recv(512).decode()
    if run.check.expect.text is not None and run.check.expect.text not in quote:
        raise Unexpected(f"says {quote}")
    return Answer()


@pytest.fixture
def world(any_store: Any, new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """On each kind of store, with the kind and its probe in the lists. It may reach loopback."""
    monkeypatch.setitem(KINDS, "quote", CheckKind("quote", quote_target, "invalid_endpoint", expects=("text",)))
    monkeypatch.setitem(PROBES, "quote", probe)
    return new_world(any_store, allowed_destinations=tuple(networks(["127.0.0.0/8"])))


def created(world: World, **more: Any) -> Json:
    made: Json = data(world.send("POST", PATH, world.admin, json=QUOTE | more))
    return made


def test_the_api_creates_lists_and_changes_it(world: World) -> None:
    made, other = created(world), created(world, kind="ping")
    assert QUOTE.items() <= made.items()
    assert [made, other] == data(world.send("GET", PATH, world.admin))
    assert [made] == data(world.send("GET", PATH, world.admin, params={"kind": "quote"}))
    path = f"{PATH}/{made['id']}"
    body = QUOTE | {"expect": {"text": "time"}}
    changed = data(world.send("PUT", path, world.admin, json=body))
    assert {"text": "time"} == {name: value for name, value in changed["expect"].items() if value is not None}
    details = [entry["detail"] for entry in data(world.send("GET", "/api/audit", world.admin))]
    assert 'expect.text: null -> "time"' in details
    assert any('kind: null -> "quote"' in detail for detail in details)


def test_its_fields_are_checked(world: World) -> None:
    for wrong, field in (
        ({"target": "a:0"}, "target"),
        ({"expect": {"status": 200}}, "expect.status"),
        ({"expect": {"text": " "}}, "expect.text"),
        ({"kind": "proverb"}, "kind"),
        ({"kind": 3}, "kind"),
    ):
        assert [field] == list(fields(world.send("POST", PATH, world.admin, json=QUOTE | wrong))), wrong
    assert ["kind"] == list(fields(world.send("GET", PATH, world.admin, params={"kind": "proverb"})))


def test_it_runs(world: World) -> None:
    with listening(lambda connection: connection.sendall(b"Know thyself")) as target:
        made = created(world, target=f"127.0.0.1:{target.port}", expect={"text": "thyself"})
        ran = data(world.send("POST", f"{PATH}/{made['id']}/run", world.admin))
        assert ("up", True, None) == (ran["state"], ran["last"]["up"], ran["last"]["error"])
        made = created(world, target=f"127.0.0.1:{target.port}", expect={"text": "others"}, attempts=1)
        ran = data(world.send("POST", f"{PATH}/{made['id']}/run", world.admin))
        assert ("down", "says Know thyself") == (ran["state"], ran["last"]["error"])


def test_a_file_holds_it(world: World) -> None:
    created(world, expect={"text": "time"})
    text = export(world)
    written = yaml.safe_load(text)["checks"]["wisdom"]
    assert ("quote", {"text": "time"}) == (written["kind"], written["expect"])
    assert [] == plan(world, text)["changes"]
    pinged = text.replace("kind: quote", "kind: ping").replace("expect:\n", "").replace("      text: time\n", "")
    assert [("check", "wisdom", "update")] == changed(apply(world, pinged))
    apply(world, text)
    assert text == export(world)
