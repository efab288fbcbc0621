from pathlib import Path

import pytest

from monitor.domain.accounts.actors import Role
from monitor.settings import SettingsError, load

BASE = {"MONITOR_DATA_DIR": "/data"}
ISSUER = "https://id.example.com/realm"
OIDC = BASE | {
    "OIDC_ISSUER": ISSUER,
    "OIDC_CLIENT_ID": "monitor",
    "OIDC_CLIENT_SECRET": "hush",
    "MONITOR_BASE_URL": "https://monitor.example.com/",
}


def test_without_an_issuer_there_is_no_single_sign_on():
    settings = load(BASE | {"OIDC_CLIENT_ID": "monitor"})
    assert (None, True) == (settings.oidc, settings.takes_passwords)
    assert settings.data_dir == Path("/data")


def test_the_addresses_are_those_of_this_server():
    client = load(OIDC).oidc
    assert client is not None
    assert "https://monitor.example.com/api/auth/oidc/callback" == client.redirect_address
    assert "https://monitor.example.com/login" == client.left_address
    assert ("id.example.com", "openid profile email", "preferred_username", "groups") == (
        client.name,
        client.scopes,
        client.username_claim,
        client.groups_claim,
    )
    assert "hush" not in repr(load(OIDC))


def test_everything_can_be_chosen():
    more = {
        "OIDC_NAME": "示例",
        "OIDC_SCOPES": "openid  groups",
        "OIDC_USERNAME_CLAIM": "nickname",
        "OIDC_GROUPS_CLAIM": "roles",
        "OIDC_ADMIN_GROUPS": " ops, root ,,",
        "OIDC_CREATE_USERS": "False",
        "MONITOR_PASSWORD_LOGIN": "false",
    }
    settings = load(OIDC | more)
    client, rules = settings.oidc, settings.sign_on_rules
    assert client is not None
    assert ("示例", "openid groups", "nickname", "roles") == (
        client.name,
        client.scopes,
        client.username_claim,
        client.groups_claim,
    )
    assert (False, frozenset({"ops", "root"}), False) == (
        rules.creates_users,
        rules.admin_groups,
        settings.takes_passwords,
    )
    assert [Role.ADMIN, Role.USER] == [rules.role(["x", "root"]), rules.role(["Root"])]


@pytest.mark.parametrize("issuer", [ISSUER, "http://127.0.0.1:9000", "http://[::1]:9000/a", "http://localhost:1/"])
def test_good_issuers(issuer: str):
    found = load(OIDC | {"OIDC_ISSUER": issuer}).oidc
    assert found is not None
    assert issuer == found.issuer


WRONG = [
    ("OIDC_ISSUER", "http://id.example.com"),
    ("OIDC_ISSUER", "http://127.0.0.1.evil.example"),
    ("OIDC_ISSUER", "http://127.1.example"),
    ("OIDC_ISSUER", "https://"),
    ("OIDC_ISSUER", "id.example.com"),
    ("OIDC_ISSUER", "https://id.example.com/?a=b"),
    ("OIDC_ISSUER", "https://id.example.com/#a"),
    ("OIDC_ISSUER", "https://u:p@id.example.com"),
    ("OIDC_ISSUER", "https://id.example.com:0"),
    ("OIDC_ISSUER", "https://id.example.com:99999"),
    ("OIDC_ISSUER", "https://id example.com"),
    ("OIDC_ISSUER", "https://[::1"),
    ("OIDC_ISSUER", "https://" + "a" * 300),
    ("OIDC_CLIENT_ID", ""),
    ("OIDC_CLIENT_SECRET", ""),
    ("MONITOR_BASE_URL", ""),
    ("OIDC_SCOPES", "profile"),
    ("OIDC_SCOPES", 'openid "x"'),
    ("OIDC_NAME", "a\nb"),
    ("OIDC_NAME", "x" * 61),
    ("OIDC_CREATE_USERS", "yes"),
    ("MONITOR_PASSWORD_LOGIN", "0"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str):
    with pytest.raises(SettingsError) as refused:
        load(OIDC | {name: value})
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)
    assert "hush" not in str(refused.value)


def test_without_an_issuer_passwords_are_taken():
    with pytest.raises(SettingsError, match=r"MONITOR_PASSWORD_LOGIN: .*OIDC_ISSUER"):
        load(BASE | {"MONITOR_PASSWORD_LOGIN": "false"})
