"""`make screenshots` forgets no page of the screen."""

import re

from scripts.screenshots import NO_PICTURE, PAGES, README, README_ON_PHONE
from tests.documents import READMES, ROOT, read

ROUTES = {
    path
    for file in sorted((ROOT / "frontend/src/features").glob("*/routes.ts"))
    for path in re.findall(r"\bpath: '([^']+)'", file.read_text())
}


def matches(route: str, address: str) -> bool:
    """Whether *address*, with names in braces instead of ids, is of *route*."""
    pattern = re.sub(r"/:\w+\(\\\\d\+\)(\?)?", lambda found: f"(/{{\\w+}}){found[1] or ''}", route)
    return re.fullmatch(pattern, address.partition("?")[0]) is not None


def test_each_route_has_a_picture() -> None:
    """Or the reason stands in NO_PICTURE."""
    shown = {route for route in ROUTES if any(matches(route, address) for address in PAGES.values())}
    assert ROUTES - shown == set(NO_PICTURE)


def test_each_picture_is_of_a_route() -> None:
    assert len(ROUTES) > 25
    assert [] == [name for name, address in PAGES.items() if not any(matches(route, address) for route in ROUTES)]


def test_the_readmes_show_what_is_taken_for_them() -> None:
    taken = {*README, *(f"{name}-phone" for name in README_ON_PHONE)}
    for readme in READMES:
        assert taken == set(re.findall(r"docs/pictures/([\w-]+)\.png", read(readme)))
    assert taken == {path.stem for path in (ROOT / "docs/pictures").iterdir()}


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "docs/pictures").iterdir()) < 1_500_000
