"""Check-ins: made in the form, reported to with the lines that the page shows, paused, changed and deleted."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

DAY = 86_400


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("check-ins"), mailbox) as running:
        with running.admin() as client:
            scene.hosts(client, 2, [scene.person(client, "ann")])
        yield running


@pytest.fixture
def api(served: Process) -> Iterator[Client]:
    with served.admin() as client:
        yield client


def made(api: Client, **wanted: Any) -> Any:
    """Create one through the API."""
    given = {} if "schedule" in wanted else {"period": DAY}
    return api.post("/api/check-ins", {"grace": 60, **given, **wanted}).data


def row(person: Screen, name: str) -> Locator:
    return person.page.get_by_role("row").filter(has=person.page.get_by_role("link", name=name, exact=True))


def line(person: Screen, label: str) -> str:
    """Return the command that the page shows under *label*."""
    found = person.page.get_by_role("group", name=label, exact=True).locator("code")
    expect(found).to_contain_text("/ping/")
    return found.inner_text()


def run(command: str) -> None:
    """As cron does."""
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def pings(person: Screen) -> Locator:
    return person.page.get_by_role("list", name="Pings").get_by_role("listitem")


def test_one_with_a_period_is_made_in_the_form_and_the_line_that_it_shows_works(admin: Screen, api: Client):
    admin.open("/check-ins")
    expect(admin.page.get_by_text("No check-ins yet")).to_be_visible()
    admin.page.get_by_role("button", name="Add check-in").first.click()
    admin.fill("Grace", "0")
    admin.press("Create")
    for words in ("must not be empty", "must be between 1 and "):
        expect(admin.dialog()).to_contain_text(words)
    assert [] == api.get("/api/check-ins").data
    admin.dialog().wait_for()
    admin.fill("Name", "backup")
    admin.fill("Grace", "2")
    admin.choose("Server", "host-1-0")
    assert [] == admin.axe_findings()
    admin.press("Create")
    expect(admin.heading).to_contain_text("backup")
    expect(admin.page.get_by_text("New", exact=True)).to_be_visible()
    expect(admin.page.get_by_text("No pings yet")).to_be_visible()
    (check_in,) = api.get("/api/check-ins").data
    assert DAY == check_in["period"]
    command = line(admin, "How to report")
    assert check_in["ping_path"] in command
    run(command)
    expect(admin.page.get_by_text("Up", exact=True)).to_be_visible(timeout=60_000)
    expect(pings(admin)).to_have_count(1)
    expect(pings(admin)).to_contain_text("Success")
    assert [] == admin.axe_findings()


@pytest.mark.nightly
def test_each_way_to_report_that_is_shown_works(admin: Screen, api: Client):
    check_in = made(api, name="ways")
    admin.open(f"/check-ins/{check_in['id']}")

    def job(label: str, program: str) -> str:
        """Return the shown line with a *program* of ours in place of the example."""
        return line(admin, label).replace("/usr/local/bin/backup", program)

    expect(admin.page.get_by_text("Run the command above once to try it.")).to_be_visible()
    crontab = job("In a crontab, if the job succeeds:", "true").removeprefix("0 3 * * * ")
    started = line(admin, "At the start, to measure how long the job takes:")
    failed = line(admin, "To report a failure:")
    status = job("With the exit status of the job (0 is a success):", "(exit 3)")
    # More than one argument of a program may hold.
    output = "{ seq 60000; echo '<b>done</b>'; }"
    body = job("With the end of the job’s output (10 kB are kept):", output)
    for command in (started, crontab, failed, status, body):
        run(command)
    admin.page.reload()
    shown = pings(admin)
    expect(shown).to_have_count(5)
    for number, words in enumerate(("Success", "Failure", "Failure", "Success", "Start")):
        expect(shown.nth(number)).to_contain_text(words)
    expect(shown.nth(0)).to_contain_text("exit status 0")
    expect(shown.nth(1)).to_contain_text("exit status 3")
    expect(shown.nth(3)).to_contain_text("took")
    shown.nth(0).get_by_text("Output").click()
    expect(shown.nth(0).locator("pre")).to_contain_text("60000\n<b>done</b>")
    assert 9_000 < len(shown.nth(0).locator("pre").inner_text()) <= 10_000
    expect(shown.nth(2).locator("details")).to_have_count(0)
    assert [] == admin.axe_findings()


@pytest.mark.nightly
def test_one_with_a_cron_expression_says_it_in_words_and_when_it_is_due(admin: Screen, api: Client):
    admin.open("/check-ins")
    admin.page.get_by_role("button", name="Add check-in").first.click()
    admin.dialog().wait_for()
    admin.fill("Name", "nightly dump")
    admin.dialog().get_by_text("By cron expression").click()
    admin.fill("Cron expression", "61 3 * * *")
    admin.press("Create")
    expect(admin.dialog().locator(".el-form-item.is-error")).to_have_count(1)
    admin.fill("Cron expression", "30 2 * * 1-5")
    expect(admin.dialog()).to_contain_text("Monday to Friday at 02:30")
    admin.page.get_by_role("combobox", name="Time zone").fill("shanghai")
    admin.page.get_by_role("option", name="Asia/Shanghai").click()
    assert [] == admin.axe_findings()
    admin.press("Create")
    expect(admin.heading).to_contain_text("nightly dump")
    (check_in,) = [each for each in api.get("/api/check-ins").data if each["name"] == "nightly dump"]
    assert ("30 2 * * 1-5", "Asia/Shanghai", None) == (check_in["schedule"], check_in["timezone"], check_in["period"])
    facts = admin.page.get_by_role("definition")
    expect(facts.filter(has_text="Asia/Shanghai")).to_contain_text("Monday to Friday at 02:30")
    run(line(admin, "How to report"))
    expect(facts.filter(has_text="18:30:00")).to_be_visible(timeout=60_000)  # in UTC


@pytest.mark.nightly
def test_a_paused_one_is_not_expected_and_resumes_with_its_next_ping(admin: Screen, api: Client):
    check_in = made(api, name="pausing", period=3_600)
    admin.open(f"/check-ins/{check_in['id']}")
    command = line(admin, "How to report")
    run(command)
    admin.press("Pause")
    admin.sees_notice("Paused")
    expect(admin.page.get_by_text("Pings are recorded, but no alerts fire")).to_be_visible()
    run(command)
    admin.page.reload()
    expect(pings(admin)).to_have_count(2)
    expect(admin.page.get_by_text("Paused", exact=True)).to_be_visible()
    admin.open("/check-ins")
    row(admin, "pausing").get_by_role("button", name="Resume").click()
    admin.sees_notice("Resumed")
    expect(row(admin, "pausing")).to_contain_text("New")
    run(command)
    expect(row(admin, "pausing")).to_contain_text("Up", timeout=60_000)


def test_a_missed_and_a_failed_one_say_which(admin: Screen, api: Client):
    missed, failed = made(api, name="missed", period=5, grace=1), made(api, name="failed")
    for check_in, tail in ((missed, ""), (failed, "/4")):
        run(f"curl -fsS {admin.origin}{check_in['ping_path']}{tail}")
    admin.open(f"/check-ins/{failed['id']}")
    expect(admin.page.get_by_text("The job reported a failure.")).to_be_visible()
    admin.open(f"/check-ins/{missed['id']}")
    expect(admin.page.get_by_text("The job did not report on time.")).to_be_visible(timeout=60_000)
    alert = admin.page.get_by_role("main").get_by_role("link").filter(has_text="Critical")
    expect(alert).to_contain_text("missed or failed")
    alert.click()
    expect(admin.page.get_by_role("definition").filter(has_text="No report at")).to_be_visible()
    expect(admin.page.get_by_role("main")).not_to_contain_text("threshold 0.5")
    assert [] == admin.axe_findings()


@pytest.mark.nightly
def test_they_are_searched_and_filtered(admin: Screen, api: Client):
    made(api, name="never ran")
    paused = made(api, name="resting")
    assert api.post(f"/api/check-ins/{paused['id']}/pause", {}).status == 200
    admin.open("/check-ins")
    admin.choose("State", "Paused")
    expect(row(admin, "resting")).to_be_visible()
    expect(row(admin, "never ran")).to_have_count(0)
    assert "state=paused" in admin.page.url
    admin.press("Clear")
    admin.page.get_by_role("textbox", name="Name").fill("never")
    expect(row(admin, "never ran")).to_be_visible()
    expect(row(admin, "resting")).to_have_count(0)


@pytest.mark.nightly
def test_one_is_changed_and_deleted(admin: Screen, api: Client):
    check_in = made(api, name="old job")
    admin.open("/check-ins")
    row(admin, "old job").get_by_role("button", name="Edit").click()
    admin.dialog().wait_for()
    admin.fill("Name", "new job")
    admin.press("Save")
    admin.sees_notice("Saved")
    row(admin, "new job").get_by_role("link", name="new job", exact=True).click()
    admin.press("Delete")
    expect(admin.dialog()).to_contain_text("its address stops working")
    admin.dialog().get_by_placeholder("new job").fill("new job")
    admin.press("Delete")
    admin.sees_notice("Deleted")
    expect(admin.heading).to_have_text("Check-ins")
    assert 404 == api.get(check_in["ping_path"]).status


@pytest.mark.nightly
def test_who_is_no_administrator_sees_those_of_their_servers(browser: Browser, served: Process, api: Client):
    """The address is for those who may change the server that the job runs on."""
    host = next(each for each in api.get("/api/servers").data if each["server_name"] == "host-1-1")
    own, others = made(api, name="anns job", server_id=host["id"]), made(api, name="another job")
    reader = {"name": "Readers", "user_ids": [scene.person(api, "bob")], "tags": [], "server_ids": [host["id"]]}
    assert api.post("/api/teams", {**reader, "access": "read"}).data
    assert b"OK" == api.get(own["ping_path"]).body
    for name, addresses in (("ann", 1), ("bob", 0)):
        with screen(browser, served.origin, (name, scene.PASSWORD)) as person:
            person.open("/check-ins")
            expect(row(person, "anns job")).to_be_visible()
            expect(person.page.get_by_text("another job")).to_have_count(0)
            has_no_buttons(person)
            person.open(f"/check-ins/{own['id']}")
            expect(pings(person)).to_have_count(1)
            has_no_buttons(person)
            expect(person.page.get_by_role("region", name="How to report")).to_have_count(addresses)
            person.open(f"/check-ins/{others['id']}")
            expect(person.page.get_by_text("Not found")).to_be_visible()


def has_no_buttons(person: Screen) -> None:
    for name in ("Add check-in", "Pause", "Edit", "Silence", "Delete"):
        expect(person.page.get_by_role("main").get_by_role("button", name=name)).to_have_count(0)
