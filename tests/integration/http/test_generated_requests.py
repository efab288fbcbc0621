"""Requests made up from the served OpenAPI document, good ones and bad ones: every answer is one that it describes."""

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.access_subjects import Subjects
from tests.integration.http.world import ANONYMOUS, Caller, World, agent
from tests.remote_writes import body, host_series, packed

pytestmark = pytest.mark.nightly(each=True)

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = int(os.environ.get("REQUESTS_EACH", 6))
"""Of each operation, mode and caller: thousands in all. `make requests` searches for longer, with a seed of its own."""
SEED = int(os.environ.get("REQUESTS_SEED", 20_300_101))
SCRAPES = st.builds(host_series, st.integers(1_893_499_000_000, 1_893_500_000_000), instance=st.text(max_size=50))
# What a schema cannot say of a body that is not JSON.
schemathesis.openapi.media_type(
    "application/x-protobuf", st.one_of(SCRAPES.map(body), st.binary().map(packed), st.binary())
)


def anonymous(_: World) -> Caller:
    return ANONYMOUS


def user(world: World) -> Caller:
    return world.log_in("user")


def admin(world: World) -> Caller:
    return world.log_in("admin")


def with_key(world: World) -> Caller:
    return agent(world.fleet_key())


@pytest.fixture
def filled(world: World) -> World:
    """Fill the world with rows that have small ids."""
    person = world.person("user")
    first = world.server("192.0.2.1", person, tags=["web"])
    world.server("192.0.2.2")
    world.report(world.server_key(first))
    world.report(world.fleet_key(), ip_address="192.0.2.99")
    world.container.get(EnsureDefaultPolicies)()
    subjects = Subjects(world, first, person)
    for name in ("alert_id", "channel_id", "escalation_id", "job_id", "rota_id", "silence_id"):
        subjects.id_of(name, "of_server")
    return world


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("log_in", [anonymous, user, admin, with_key])
def test_every_answer_is_as_the_document_says(
    filled: World, log_in: Callable[[World], Caller], mode: GenerationMode
) -> None:
    filled.application.hub.end_streams()  # a stream then ends as soon as it has begun
    document = filled.send("GET", "/schema/openapi.json").json()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a broken document fails right here
        # Anew: the requests before may have ended the session, and made up a few log-ins of their own.
        filled.later(minutes=16)
        explore(filled, log_in(filled), operation.as_strategy(generation_mode=mode))


def explore(world: World, caller: Caller, cases: Any) -> None:
    @seed(SEED)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def check(case: Any) -> None:
        case.validate_response(sent(world, case, caller), checks=CHECKS)

    check()


def sent(world: World, case: Any, caller: Caller) -> httpx.Response:
    """Send the case as a request of *caller*, and check the envelope."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://monitor.test")).prepare()
    assert made.body is None or isinstance(made.body, str | bytes)
    body = made.body.encode() if isinstance(made.body, str) else made.body
    own = ("authorization", "x-api-key")
    headers = {name: str(value) for name, value in made.headers.items() if name.lower() not in own}
    return world.send(str(made.method), made.path_url, caller, content=body or None, headers=headers)
