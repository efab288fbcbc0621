"""Refused Host names in the log."""

from structlog.testing import capture_logs

from monitor.adapters.http.edge.hosts import HostCheck, known_hosts

HOUR = 3600.0


class Watch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def said(check: HostCheck, *names: str) -> list[str]:
    """Return what is logged for these names."""
    with capture_logs() as logs:
        for name in names:
            assert 421 == check.refusal({"headers": [(b"host", name.encode())], "path": "/"})
    return [log["host"].strip("'") for log in logs]


def test_invented_names_fill_the_log_for_an_hour_at_most() -> None:
    watch = Watch()
    check = HostCheck(known_hosts(listens_on="127.0.0.1", base_url=None, allowed=(), machine="web"), watch)
    assert 100 == len(said(check, *(f"made-up-{number}.example" for number in range(300))))
    watch.seconds = HOUR - 1
    assert [] == said(check, "monitor.lan")
    watch.seconds = HOUR
    assert ["monitor.lan"] == said(check, "monitor.lan", "monitor.lan")
