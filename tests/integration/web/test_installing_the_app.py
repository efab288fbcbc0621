"""The screen as an app on a phone or desk: its manifest and icons, and the worker that shows pushed alerts."""

import pytest

from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly

_REGISTERED = "async () => (await navigator.serviceWorker.getRegistration())?.active?.scriptURL ?? null"


def test_it_can_be_installed(admin: Screen, served: Process):
    admin.open("/")
    session = admin.context.new_cdp_session(admin.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["url"] == f"{served.origin}/manifest.webmanifest"
    assert [] == manifest["errors"]
    assert [] == [each["errorId"] for each in session.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    with served.client() as client:
        answer = client.get("/manifest.webmanifest")
        assert answer.headers["content-type"] == "application/manifest+json"


def test_its_icons_are_as_large_as_they_say(admin: Screen, served: Process):
    admin.open("/")
    icons: list[dict[str, str]] = admin.page.evaluate(
        "async () => (await (await fetch('/manifest.webmanifest')).json()).icons"
    )
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in icons}
    assert any(icon.get("purpose") == "maskable" for icon in icons)
    for icon in icons:
        size = admin.page.evaluate(
            """async (src) => {
              const image = new Image()
              image.src = src
              await image.decode()
              return `${image.naturalWidth}x${image.naturalHeight}`
            }""",
            icon["src"],
        )
        assert icon["sizes"] in (size, "any")


def test_its_worker_is_registered_and_keeps_nothing(admin: Screen, served: Process):
    admin.open("/")
    wait_for(lambda: admin.page.evaluate(_REGISTERED), "the worker")
    assert admin.page.evaluate(_REGISTERED) == f"{served.origin}/sw.js"
    assert [] == admin.page.evaluate("async () => await caches.keys()")
    with served.client() as client:
        answer = client.get("/sw.js")
        assert ("text/javascript; charset=utf-8", "no-cache") == (
            answer.headers["content-type"],
            answer.headers["cache-control"],
        )
