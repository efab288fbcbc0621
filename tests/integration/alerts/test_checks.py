"""A check of a real server: down after its attempts, mailed to administrators, up after one success."""

import threading
from pathlib import Path
from socket import socket

import pytest

from tests.integration.alerts.live_server import live_server
from tests.integration.checks.targets import answering, listening, ok

pytestmark = pytest.mark.nightly


def test_a_check_goes_down_and_comes_up_again(tmp_path: Path) -> None:
    is_well = threading.Event()

    def talk(connection: socket) -> None:
        answering(ok() if is_well.is_set() else ok(b"", "503 Busy"))(connection)

    with (
        listening(talk) as target,
        live_server(tmp_path, MONITOR_ALLOWED_DESTINATIONS="127.0.0.0/8") as server,
    ):
        admin = server.admin
        assert admin.put("/api/auth/me", {"email": "boss@example.com", "locale": "en"}).data
        url = f"http://127.0.0.1:{target.port}/"
        body = {"name": "shop", "kind": "http", "target": url, "interval": 10, "timeout": 5}
        check_id = admin.post("/api/checks", body).data["id"]

        def alerts() -> list[dict[str, object]]:
            found: list[dict[str, object]] = admin.get("/api/alerts?metric=up").data
            return found

        server.until(lambda: admin.get(f"/api/checks/{check_id}").data["failures"], "a first failure")
        assert [] == alerts()
        [alert] = server.until(alerts, "the alert")
        assert (check_id, None, "critical", "firing", "shop") == tuple(
            alert[key] for key in ("check_id", "server_id", "level", "state", "server_name")
        )
        assert 2 == admin.get(f"/api/checks/{check_id}").data["failures"]
        mail = server.mail_to("boss")
        assert "[CRITICAL] shop is down: status 503" == mail.message["Subject"]
        assert "status 503" in mail.text
        assert url in mail.text
        is_well.set()
        server.until(lambda: admin.get(f"/api/checks/{check_id}").data["state"] == "up", "a success")
        assert str(server.mail_to("boss", 2).message["Subject"]).startswith("[RESOLVED] shop is up again")
        assert "resolved" == alerts()[0]["state"]
        points = admin.get(f"/api/checks/{check_id}/series?metrics=up").data["up"]["avg"]
        assert [0.0, 0.0, 1.0] == [points[0], points[1], points[-1]]
    assert "Traceback" not in server.process.said
