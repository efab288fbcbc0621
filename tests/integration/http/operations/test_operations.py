"""Health, metrics, the API's documentation, and the headers of all answers."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from monitor.application.alerts.offline import DetectOffline
from monitor.application.fleet.api_keys import CreateApiKey
from monitor.application.intake.hearing import ProveHearing
from monitor.application.operations.job_runs import JobRuns
from monitor.application.operations.processes import ReportProcess, WatchProcesses
from monitor.domain.accounts.actors import Role
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import ANONYMOUS, HOST, World, agent, report

HERE = "127.0.0.1"
LOCAL = {"Host": "localhost:8000"}


def scraped(world: World, headers: Mapping[str, str] | None = None, **more: Any) -> int:
    return world.send("GET", "/metrics", headers={**LOCAL, **(headers or {})}, **more).status_code


@pytest.mark.parametrize(("address", "status"), [(HERE, 200), ("::1", 200), ("198.51.100.7", 401), ("::2", 401)])
def test_metrics_are_for_this_host(calm_world: World, address: str, status: int) -> None:
    assert status == scraped(calm_world, address=address)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Port", "Forwarded", "Via", "X-Real-IP"])
@pytest.mark.parametrize("trusted", [(), (ip_network(HERE),)])
def test_forwarded_requests_do_not_count_as_local(new_world: NewWorld, header: str, trusted: Any) -> None:
    world = new_world(trusted_proxies=trusted)
    for value in ("203.0.113.5", HERE, "for=127.0.0.1", ""):
        assert 401 == scraped(world, address=HERE, headers={header: value})


def test_a_proxy_that_passes_on_the_name_alone_does_not_count_as_local(calm_world: World) -> None:
    """HAProxy adds no header by itself."""
    assert 401 == scraped(calm_world, address=HERE, headers={"Host": HOST})


def test_metrics_for_a_fleet_key(world: World) -> None:
    fleet, server = world.fleet_key(), world.server_key(world.server("192.0.2.1"))
    assert [200, 200] == [
        scraped(world, headers=headers) for headers in ({"X-API-Key": fleet}, {"Authorization": f"Bearer {fleet}"})
    ]
    assert [403, 401, 401] == [scraped(world, headers={"X-API-Key": key}) for key in (server, "nonsense", "")]
    assert 401 == scraped(world, headers=dict(world.admin.headers))


def test_metrics_are_not_for_the_fleet_key_of_a_former_administrator(world: World) -> None:
    """It reaches this user's servers alone."""
    ann = world.person("ann", Role.ADMIN)
    key = world.container.get(CreateApiKey)(ann.actor, name="ann's", server_id=None)[1]
    assert 200 == scraped(world, headers={"X-API-Key": key})
    changed = world.send("PUT", f"/api/users/{ann.actor.user_id}", world.admin, json={"role": "user"})
    assert 200 == changed.status_code
    assert 403 == scraped(world, headers={"X-API-Key": key})


def test_metrics_count_what_happened(world: World) -> None:
    key = world.server_key(world.server("192.0.2.1"))
    world.server("192.0.2.2")
    world.report(key, "2030-01-01 11:00:00")
    world.report(key, "2030-01-01 11:00:00")
    world.send("POST", "/api/monitor/data/batch", agent(key), json={"samples": [report(), report()]})
    for number in range(3):
        world.send(f"MADE-UP-{number}", "/api/servers")
    answer = world.send("GET", "/metrics", address=HERE, headers=LOCAL)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'monitor_servers{status="online"} 1.0',
        'monitor_servers{status="offline"} 1.0',
        'monitor_samples_total{outcome="stored"} 1.0',
        'monitor_samples_total{outcome="duplicate"} 1.0',
        'monitor_samples_total{outcome="rejected"} 2.0',
        'monitor_http_requests_total{method="POST",status="200"} 3.0',
        'monitor_http_requests_total{method="other",status="405"} 3.0',
        "monitor_intake_queue_samples 0.0",
        'monitor_commit_samples_bucket{le="1.0"} 2.0',
        'monitor_commit_samples_bucket{le="5000.0"} 2.0',
        'monitor_commit_samples_bucket{le="+Inf"} 2.0',
        "monitor_commit_samples_sum 2.0",
        "monitor_store_epochs_total 0.0",
        "monitor_sessions 1.0",
        "monitor_outbox_age_seconds 0.0",
    ):
        assert line in answer.text, line
    assert re.search(r"^monitor_commit_time_seconds_total 0\.\d+$", answer.text, re.MULTILINE)


def test_a_server_that_does_not_hear_itself_says_so_and_is_ready(world: World) -> None:
    """Requests are served as usual, but no host counts as offline."""
    world.container.get(ProveHearing).begin()
    for seconds, said in ((5, "ok"), (20, "failing")):
        world.later(seconds=seconds)
        ready = world.send("GET", "/readyz")
        assert (200, "ok", said) == (ready.status_code, ready.json()["status"], ready.json()["hearing"])
    assert "monitor_hearing_age_seconds 25.0" in world.send("GET", "/metrics", address=HERE, headers=LOCAL).text


def test_metrics_show_jobs_and_the_figures_of_all_processes(world: World) -> None:
    runs = world.container.get(JobRuns)
    for name, seconds in (("tidy up", 100), ("deliver", 2000), ("deliver", 1000)):
        runs.expect(name, 1.0).done_at -= seconds
    world.container.get(WatchProcesses)()
    world.container.get(ReportProcess)()
    text = world.send("GET", "/metrics", address=HERE, headers=LOCAL).text
    ages = dict(re.findall(r'monitor_job_age_seconds{job="([^"]+)"} ([\d.]+)', text))
    assert {"tidy up": 100, "deliver": 2000} == {name: round(float(age), -2) for name, age in ages.items()}
    for line in ("monitor_queue_samples 0.0", "monitor_lag_ms 0.0", "monitor_alert_states 0.0"):
        assert line in text, line


def test_a_request_has_an_id_and_is_logged_if_it_is_slow(
    new_world: NewWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world = new_world(slow_after=timedelta(0))
    capsys.readouterr()
    path = "/api/servers/7"
    answers = [world.send("GET", path, world.admin), world.send("GET", "/api/nowhere")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert 2 == len({*ids})
    lines = [line for line in capsys.readouterr().out.splitlines() if "slow request" in line]
    assert 2 == len(lines)
    assert ids[0] in lines[0]
    assert "/api/servers/{server_id}" in lines[0]
    assert path not in lines[0], "of an address with a secret, nothing must be logged"


def test_no_hearing_age_if_it_is_not_measured(world: World) -> None:
    assert "monitor_hearing_age_seconds" not in world.send("GET", "/metrics", address=HERE, headers=LOCAL).text


EVERYWHERE = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/schema"),
    ("GET", "/schema/openapi.json"),
    ("GET", "/schema/start.js"),
    ("GET", "/schema/files/swagger-ui.css"),
    ("GET", "/schema/files/nothing"),
    ("GET", "/agent/install.sh"),
    ("GET", "/nowhere"),
    ("GET", "/api/nowhere"),
    ("GET", "/api/servers"),
    ("PATCH", "/api/servers"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/monitor/data"),
    ("POST", "/api/monitor/data/"),
    ("POST", "/api/monitor/data/batch"),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_every_answer_has_the_security_headers(calm_world: World, method: str, path: str) -> None:
    headers = calm_world.send(method, path).headers
    policy = headers["content-security-policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "script-src" not in policy, "so that default-src holds for scripts: none inline, none from elsewhere"
    assert "http" not in policy
    assert ("nosniff", "DENY", "same-origin") == (
        headers["x-content-type-options"],
        headers["x-frame-options"],
        headers["referrer-policy"],
    )
    for name in ("content-type", "cache-control", "content-length", "content-security-policy"):
        assert 1 >= len(headers.get_list(name)), name
    if path.startswith("/api"):
        assert "no-store" == headers["cache-control"]


def test_the_documentation_makes_no_outside_request(calm_world: World) -> None:
    page = calm_world.send("GET", "/schema")
    assert page.headers["content-type"].startswith("text/html")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 5
    for source in sources:
        assert source.startswith("/schema/")
        answer = calm_world.send("GET", source)
        assert 200 == answer.status_code, source
        assert answer.content
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page.text), "no script inline"
    assert not re.findall(r"\son\w+=", page.text)
    styles = calm_world.send("GET", "/schema/files/swagger-ui.css").text
    assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", styles)
    assert "validatorUrl: null" in calm_world.send("GET", "/schema/start.js").text
    # Versions before 5 show an OpenAPI 3.1 document as an error.
    assert "3.1" == calm_world.send("GET", "/schema/openapi.json").json()["openapi"][:3]
    assert "isOAS31" in calm_world.send("GET", "/schema/files/swagger-ui-bundle.js").text


def test_only_the_documentations_own_files_are_served(calm_world: World) -> None:
    for name in ("..%2F__init__.py", "%2E%2E/x", "index.html", "swagger-ui.css%00", "../../../etc/passwd"):
        assert 404 == calm_world.send("GET", f"/schema/files/{name}").status_code, name


def test_the_document_describes_keys_and_tokens(calm_world: World) -> None:
    document = calm_world.send("GET", "/schema/openapi.json").json()
    assert {"token", "api_key"} == set(document["components"]["securitySchemes"])
    intake = document["paths"]["/api/monitor/data"]["post"]
    assert [{"api_key": []}] == intake["security"]
    assert {"200", "default"} == set(intake["responses"])
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


def test_the_agents_files(new_world: NewWorld) -> None:
    world = new_world()
    script = world.send("GET", "/agent/install.sh")
    assert "http://monitor.test" in script.text
    assert "text/x-shellscript; charset=utf-8" == script.headers["content-type"]
    configured = new_world(base_url="https://monitor.example.com").send("GET", "/agent/install.sh")
    assert "https://monitor.example.com" in configured.text
    bundle = world.send("GET", "/agent/monitor-agent.pyz")
    assert "application/zip" == bundle.headers["content-type"]
    assert "__main__.py" in zipfile.ZipFile(io.BytesIO(bundle.content)).namelist()


@pytest.mark.parametrize("host", ["a$(id)", "a`id`", "a; id", "[::1", "a/b?c", "\xe9", "a:1$(id)", "a:99999"])
def test_a_forged_host_gets_no_code_into_the_installer(new_world: NewWorld, host: str) -> None:
    """A client only harms itself with it, but a cache in between would pass it on."""
    answer = new_world(allowed_hosts=("*",)).send("GET", "/agent/install.sh", headers={"Host": host})
    assert 421 == answer.status_code


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/schema", "/agent/install.sh"])
def test_head_answers_as_get_does_without_a_body(calm_world: World, path: str) -> None:
    """Load balancers and uptime checks use HEAD."""
    head, get = (calm_world.send(method, path) for method in ("HEAD", "GET"))
    assert (get.status_code, get.headers, b"") == (head.status_code, head.headers, head.content)


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "HEAD", "PROPFIND", "X" * 1000])
def test_other_methods_are_a_405_that_names_the_allowed_ones(calm_world: World, method: str) -> None:
    for path in ("/api/servers", "/api/servers/1", "/api/monitor/data", "/api/live"):
        for caller in (ANONYMOUS, calm_world.admin):
            answer = calm_world.send(method, path, caller)
            assert 405 == answer.status_code
            assert "GET" in answer.headers["allow"]


def test_options_needs_a_token(calm_world: World) -> None:
    """There is no CORS: scripts of other sites have no access."""
    assert 401 == calm_world.send("OPTIONS", "/api/servers", headers={"Origin": "https://evil.example"}).status_code
    answer = calm_world.send("OPTIONS", "/api/servers", calm_world.admin, headers={"Origin": "https://evil.example"})
    assert (204, False) == (answer.status_code, "access-control-allow-origin" in answer.headers)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nowhere", "/api/servers/1/nowhere", "/apix"])
def test_unknown_paths_are_a_404_for_everybody(calm_world: World, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        for caller in (ANONYMOUS, calm_world.admin):
            answer = calm_world.send(method, path, caller)
            assert (404, "not_found") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize("path", ["/api/servers?q=%FF%FE", "/api/servers?%00=%00", "/api/servers?" + "a=1&" * 5000])
def test_odd_queries_are_harmless(calm_world: World, path: str) -> None:
    assert calm_world.send("GET", path, calm_world.admin).status_code in (200, 400)


def test_a_server_that_never_reported_counts_as_offline_and_as_never_seen(world: World) -> None:
    reports, falls_silent, _ = (world.server(f"10.0.0.{n}") for n in (1, 2, 3))
    world.report(world.server_key(falls_silent))
    world.later(minutes=5)
    world.container.get(DetectOffline)()
    world.report(world.server_key(reports))
    stats = world.send("GET", "/api/monitor/stats", world.admin).json()["data"]
    names = ("total_servers", "online_servers", "offline_servers", "never_reported")
    assert (3, 1, 2, 1) == tuple(stats[name] for name in names)
