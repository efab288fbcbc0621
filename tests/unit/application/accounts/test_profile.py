from typing import Any

import pytest

from monitor.domain.errors import InvalidInput
from tests.unit.application.core import Core


def test_users_change_their_email_and_locale(core: Core, ann) -> None:
    core.update_profile(ann, email="ann@example.com", locale="en")
    user = core.store.queries.users.me(ann)
    assert (user.email, user.locale) == ("ann@example.com", "en")


def test_omitted_values_stay(core: Core, ann) -> None:
    core.update_profile(ann, email="ann@example.com")
    core.update_profile(ann, locale="en")
    assert core.update_profile(ann).email == "ann@example.com"
    assert core.update_profile(ann, email=None).locale == "en"
    assert core.store.queries.users.me(ann).email is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "a@b\r\nBcc: c@d"}, "email"),
        ({"email": "no"}, "email"),
        ({"locale": "fr"}, "locale"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(core: Core, ann, change: dict[str, Any], field: str) -> None:
    before = core.store.queries.users.me(ann)
    with pytest.raises(InvalidInput) as refusal:
        core.update_profile(ann, **change)
    assert set(refusal.value.problems) == {field}
    assert core.store.queries.users.me(ann) == before


def test_other_users_are_unchanged(core: Core, ann, bob) -> None:
    before = core.store.queries.users.me(bob)
    core.update_profile(ann, email="ann@example.com")
    assert core.store.queries.users.me(bob) == before
