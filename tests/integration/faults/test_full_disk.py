"""A real server whose files cannot grow any more, as on a full disk: it says so, and goes on once there is room."""

import re
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.cli.client import Answer, Client
from tests.integration.cli.running import Process, server, wait_for

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
NO_ROOM = 32 * 1024
"""Bytes of a file: enough for what the server logs, and less than its database has."""


def limit(process: Process, bytes_of_a_file: int) -> None:
    prlimit(process.process.pid, RLIMIT_FSIZE, (bytes_of_a_file, RLIM_INFINITY))


def report(agent: Client) -> Answer:
    return agent.post("/api/monitor/data", SAMPLE)


def subjects(mails: MailServer) -> list[str]:
    return [str(mail.message["Subject"]) for mail in mails.to("ann@example.org")]


def test_a_full_disk_is_seen_logged_and_mailed_and_ends(tmp_path):
    with mail_server() as mails, server(tmp_path, **mails.settings) as running, running.admin() as admin:
        person = {"username": "ann", "password": "a long enough one", "role": "admin", "locale": "en"}
        admin.post("/api/users", {**person, "email": "ann@example.org"})
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.99"}).data
        key = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        with Client(running.port, key=key) as agent, running.client() as prober:
            assert (200, 200) == (report(agent).status, prober.get("/readyz").status)
            limit(running, NO_ROOM)
            wait_for(lambda: report(agent).status == 503, "a sample that finds no room")
            seen = prober.get("/readyz")
            assert (503, "ok", "failing") == (seen.status, seen.body["database"], seen.body["writer"])
            wait_for(lambda: "samples are refused since" in running.said, "a line in the log")
            wait_for(lambda: subjects(mails), "a mail", deadline=90)
            assert 503 == prober.get("/readyz").status
            limit(running, RLIM_INFINITY)
            wait_for(lambda: prober.get("/readyz").status == 200, "room, which nobody's sample finds out")
            assert 200 == report(agent).status
            wait_for(lambda: len(subjects(mails)) == 2, "the mail about its end", deadline=90)
    fails, works = subjects(mails)
    assert (fails, works) == (
        "[monitor] The monitoring server cannot store samples",
        "[monitor] The monitoring server stores samples again",
    )
    assert 1 <= len(re.findall("samples are refused since", running.said)) <= 3
