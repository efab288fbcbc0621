"""Rotas and escalations, from their dialogs to the phone of a person who was paged."""

from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import PHONE, Screen, screen
from tests.integration.web.test_story_of_a_team import fits

pytestmark = pytest.mark.nightly


class Paged(NamedTuple):
    """A language of the phone: who has it, and what the buttons say in it."""

    locale: str
    username: str
    acknowledge: str
    silence: str
    create: str
    hand_over: str
    done: str


ENGLISH = Paged("en-US", "ann", "Acknowledge", "Silence", "Create silence", "Hand over", "Acknowledged by ann")
CHINESE = Paged("zh-CN", "li", "确认", "静默", "创建静默", "交班", "li 已确认")


@pytest.fixture(scope="module")
def people(served: Process) -> dict[str, int]:
    """Three people, linked to two hosts whose CPU alerts fire."""
    with served.admin() as client:
        made = {name: scene.person(client, name) for name in ("ann", "bo", "li")}
        scene.quick_policies(client)
        key = scene.fleet_key(client)
        for host in scene.hosts(client, 2, list(made.values())):
            scene.report(served.port, key, 99, ip_address=host.ip_address)
        wait_for(lambda: len(alerts(client)) == 2, "two alerts")
    return made


def alerts(client: Client) -> list[int]:
    return [each["id"] for each in client.get("/api/alerts?state=firing").data]


def on_call(client: Client, rota_id: int) -> str | None:
    (found,) = [each["now"] for each in client.get("/api/on-call").data if each["rota_id"] == rota_id]
    return None if found is None else str(found["username"])


def row(shown: Screen, name: str) -> Locator:
    return shown.page.get_by_role("row").filter(has_text=name)


def test_a_rota_and_an_escalation_are_made_and_read(
    admin: Screen, browser: Browser, served: Process, people: dict[str, int]
):
    admin.open("/on-call")
    expect(admin.page.get_by_text("No rotas yet")).to_be_visible()
    admin.page.get_by_role("button", name="New rota").first.click()
    admin.fill("Name", "Night")
    admin.choose("Add a person", "bo", "ann")
    admin.press("Move ann up")
    admin.press("Create")
    admin.sees_notice("Created")
    expect(admin.heading).to_have_text("Night")
    expect(admin.page.get_by_text("In this order: ann → bo")).to_be_visible()
    expect(admin.page.get_by_role("list", name="Calendar").get_by_text("ann", exact=True).first).to_be_visible()

    admin.open("/on-call?tab=escalations")
    admin.page.get_by_role("button", name="New escalation").first.click()
    admin.fill("Name", "Web")
    admin.choose("Who is notified in step 1", "Night")
    admin.page.keyboard.press("Escape")
    admin.press("Add a step")
    admin.choose("Who is notified in step 2", "bo", "everyone linked to the server")
    expect(admin.dialog()).to_contain_text("After 10 min: bo, everyone linked to the server")
    admin.press("Create")
    admin.sees_notice("Created")
    expect(row(admin, "Web")).to_contain_text("Immediately: rota Night")

    admin.open("/teams")
    admin.page.get_by_role("button", name="New team").first.click()
    admin.fill("Name", "Web people")
    admin.choose("Escalation", "Web")
    admin.press("Create")
    admin.sees_notice("Created")
    with served.admin() as client:
        (team,) = client.get("/api/teams").data
        (escalation,) = client.get("/api/escalations").data
    assert escalation["id"] == team["escalation_id"]

    with screen(browser, served.origin, ("bo", scene.PASSWORD)) as member:
        member.open("/")
        duty = member.page.get_by_role("region", name="On call")
        expect(duty).to_contain_text("Night")
        expect(duty).to_contain_text("ann")
        member.open("/on-call")
        expect(row(member, "Night")).to_contain_text("ann")
        expect(member.page.get_by_role("button", name="New rota")).to_have_count(0)
        member.open("/on-call?tab=escalations")  # for administrators
        expect(row(member, "Night")).to_contain_text("ann")
        expect(member.page.get_by_role("tab")).to_have_count(0)


def test_a_member_gives_a_turn_away_and_an_administrator_changes_any(
    admin: Screen, browser: Browser, served: Process, people: dict[str, int]
):
    with served.admin() as client:
        rota = scene.rota(client, "Week", [people["ann"], people["bo"]])
        with screen(browser, served.origin, ("ann", scene.PASSWORD)) as member:
            member.open(f"/on-call/{rota}")
            coming = member.page.get_by_role("region", name="Upcoming shifts")
            coming.get_by_role("button", name="Hand over").first.click()
            member.dialog().get_by_text("bo", exact=True).click()
            member.press("Hand over")
            member.sees_notice("Saved")
            expect(coming.get_by_role("button", name="Undo")).to_be_visible()
            assert "bo" == on_call(client, rota)
            coming.get_by_role("button", name="Undo").click()
            expect(coming.get_by_role("button", name="Undo")).to_have_count(0)
            assert "ann" == on_call(client, rota)
        admin.open(f"/on-call/{rota}")
        admin.page.get_by_role("region", name="Upcoming shifts").get_by_role("button", name="Change").first.click()
        admin.dialog().get_by_text("bo", exact=True).click()
        admin.press("Save")
        admin.sees_notice("Saved")
        assert "bo" == on_call(client, rota)


@pytest.mark.parametrize("paged", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_person_who_was_paged_answers_on_a_phone(
    browser: Browser, served: Process, people: dict[str, int], paged: Paged
):
    """They open the link, see what it is, acknowledge, silence, and hand over: each in three taps at most."""
    with served.admin() as client:
        rota = scene.rota(client, f"Duty {paged.locale}", [people[paged.username], people["bo"]])
        alert = alerts(client)[0 if paged is ENGLISH else 1]
        user = (paged.username, scene.PASSWORD)
        with screen(browser, served.origin, user, viewport=PHONE, locale=paged.locale) as phone:
            phone.open(f"/alerts/{alert}")
            expect(phone.heading).to_contain_text("CPU")
            expect(phone.page.get_by_role("definition").filter(has_text="99").first).to_be_visible()
            fits(phone)
            phone.press(paged.acknowledge)
            phone.press(paged.acknowledge)
            expect(phone.page.get_by_role("heading", level=1)).to_contain_text(paged.done)
            phone.press(paged.silence)
            fits(phone)
            phone.press(paged.create)
            expect(phone.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)
            phone.page.get_by_role("button", name=paged.hand_over).last.click()
            fits(phone)
            phone.dialog().get_by_text("bo", exact=True).click()
            phone.press(paged.hand_over)
            expect(phone.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)
            assert "bo" == on_call(client, rota)
