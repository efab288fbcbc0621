"""Log-ins and the tokens that they return."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx

from tests.integration.http.world import PASSWORD, Caller, World

LOGIN = "/api/auth/login"


REFRESH = "/api/auth/refresh"


def log_in(world: World, name: str = "admin", password: str = PASSWORD, **more: Any) -> httpx.Response:
    return world.send("POST", LOGIN, json={"username": name, "password": password}, **more)


def cookie(answer: httpx.Response, name: str = "monitor_refresh") -> "Morsel[str]":
    cookies: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        cookies.load(header)
    return cookies[name]


def refresh(world: World, token: str) -> httpx.Response:
    return world.send("POST", REFRESH, headers={"Cookie": f"monitor_refresh={token}"})


def is_good(world: World, caller: Caller) -> bool:
    return world.send("GET", "/api/auth/me", caller).status_code == 200


def bearer(answer: httpx.Response) -> Caller:
    return Caller(headers={"Authorization": f"Bearer {answer.json()['data']['token']}"})
