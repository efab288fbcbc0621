"""Who asks VictoriaMetrics, and where."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from monitor.adapters.victoria.address import VictoriaAddress, parsed_address
from monitor.adapters.victoria.archive import VictoriaArchive
from monitor.adapters.victoria.client import Client
from monitor.application.history.blocks import Block
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import is_same
from tests.contracts.archives import A_HOUR, a_frame
from tests.integration.victoria import private_victoria

BLOCK = Block(ServerId(1), 0, A_HOUR, 1)


@contextmanager
def asked(address: VictoriaAddress) -> Iterator[VictoriaArchive]:
    with closing(VictoriaArchive(Client(address, pause=0))) as archive:
        yield archive


def test_user_and_password_are_sent(tmp_path: Path) -> None:
    """A refusal is an outage, which does not show the password."""
    flags = ("-retentionPeriod=100y", "-httpAuth.username=me", "-httpAuth.password=s3cret")
    with private_victoria(tmp_path, *flags) as victoria:
        with asked(parsed_address(victoria.url.replace("//", "//me:s3cret@"))) as archive:
            archive.store({BLOCK: a_frame()})
            victoria.settle("me", "s3cret")
            assert is_same(archive.read([BLOCK])[BLOCK], a_frame())
        with (
            asked(parsed_address(victoria.url.replace("//", "//me:wr0ng@"))) as archive,
            pytest.raises(HistoryUnavailable, match="answers 401") as refused,
        ):
            archive.store({BLOCK: a_frame()})
        assert "wr0ng" not in str(refused.value)


class StandIn(BaseHTTPRequestHandler):
    """Notes what it is asked, and answers nothing."""

    seen: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Authorization"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base)
        pass


def test_a_cluster_is_asked_with_a_token_where_it_listens() -> None:
    StandIn.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        address = VictoriaAddress(f"{base}/insert/0/prometheus", f"{base}/select/0/prometheus", "t0ken")
        with asked(address) as archive:
            archive.store({BLOCK: a_frame()})
            assert archive.read([BLOCK]) == {}
            archive.forget([ServerId(1)])
            assert (archive.keeps(), archive.size()) == (None, 0)
        server.shutdown()
        thread.join()
    assert StandIn.seen == [
        ("/insert/0/prometheus/api/v1/import", "Bearer t0ken"),
        ("/select/0/prometheus/api/v1/export", "Bearer t0ken"),
        ("/delete/0/prometheus/api/v1/admin/tsdb/delete_series", "Bearer t0ken"),
    ]
