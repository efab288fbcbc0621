"""Samples sent to either way in."""

from typing import Any

import httpx

from tests.integration.http.world import Json, World, agent

SINGLE = "/api/monitor/data"


BATCH = "/api/monitor/data/batch"


NOW = "2030-01-01 12:00:00"


def batch(world: World, key: str, samples: list[Any]) -> httpx.Response:
    return world.send("POST", BATCH, agent(key), json={"samples": samples})


def results(answer: httpx.Response) -> list[str]:
    """Each "stored", "duplicate", or why it was rejected."""
    assert 200 == answer.status_code, answer.text
    return [result.get("reason", result["status"]) for result in answer.json()["data"]["results"]]


def stored(world: World) -> list[Json]:
    rows: list[Json] = world.send("GET", SINGLE, world.admin).json()["data"]
    return rows
