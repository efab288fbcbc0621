"""The seed's own examples, to the letter."""

from tests.integration.http.world import World, agent, report


def test_log_in(world: World) -> None:
    answer = world.send("POST", "/api/auth/login", json={"username": "admin", "password": "correct horse battery"})
    body = answer.json()
    assert (200, 200, "登录成功") == (answer.status_code, body["code"], body["msg"])
    assert {"id": 1, "username": "admin", "role": "admin"}.items() <= body["data"]["user"].items()
    assert 3 == len(body["data"]["token"].split("."))
