"""Single sign-on: the issuer, what this server is to it, and who may come in."""

from urllib.parse import urlsplit

from monitor.adapters.oidc.client import OidcClient, issuer_address, scope_names
from monitor.domain.accounts.identities import SignOnRules
from monitor.settings.environment import Environment, SettingsError, yes_or_no

_PATHS = {"redirect_address": "/api/auth/oidc/callback", "left_address": "/login"}
_LONGEST_NAME = 60


def single_sign_on(env: Environment, base_url: str | None) -> OidcClient | None:
    """Return None without OIDC_ISSUER. Raises SettingsError."""
    issuer = env.parsed("OIDC_ISSUER", issuer_address, None)
    client_id, secret = env.text("OIDC_CLIENT_ID"), env.text("OIDC_CLIENT_SECRET")
    scopes = env.parsed("OIDC_SCOPES", scope_names, "openid profile email")
    name = env.parsed("OIDC_NAME", _name, "")
    claims = {
        "username_claim": env.parsed("OIDC_USERNAME_CLAIM", str, "preferred_username"),
        "groups_claim": env.parsed("OIDC_GROUPS_CLAIM", str, "groups"),
    }
    if issuer is None:
        return None
    if client_id is None:
        raise SettingsError("OIDC_CLIENT_ID: required with OIDC_ISSUER")
    if secret is None:
        raise SettingsError("OIDC_CLIENT_SECRET: required with OIDC_ISSUER")
    if base_url is None:
        raise SettingsError("MONITOR_BASE_URL: required with OIDC_ISSUER, which sends people back there")
    addresses = {field: base_url + path for field, path in _PATHS.items()}
    name = name or urlsplit(issuer).netloc
    return OidcClient(
        issuer=issuer, client_id=client_id, secret=secret, scopes=scopes, name=name, **addresses, **claims
    )


def _name(text: str) -> str:
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise ValueError(f"must be at most {_LONGEST_NAME} printable characters")
    return text


def sign_on_rules(env: Environment) -> SignOnRules:
    return SignOnRules(
        creates_users=env.parsed("OIDC_CREATE_USERS", yes_or_no, True),
        admin_groups=env.parsed("OIDC_ADMIN_GROUPS", _names, frozenset()),
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip()))


def takes_passwords(env: Environment, oidc: OidcClient | None) -> bool:
    """Raises SettingsError if there would be no way to log in."""
    found = env.parsed("MONITOR_PASSWORD_LOGIN", yes_or_no, True)
    if not found and oidc is None:
        raise SettingsError("MONITOR_PASSWORD_LOGIN: false needs OIDC_ISSUER, or nobody could log in")
    return found
