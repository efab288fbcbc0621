"""Users, how they prove who they are, guesses of passwords, and the creators of servers and policies."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Text, UniqueConstraint, text

from monitor.adapters.persistence.tables.definitions import (
    BYTES,
    DIGEST,
    created_at,
    enum_of,
    moment,
    numbered,
    parent,
    ranks_of,
    table,
    word_of,
)
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.limits import GuessKind
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.accounts.sessions import Purpose, SignIn
from monitor.domain.fleet.teams import TeamAccess
from monitor.domain.levels import Level

users = numbered(
    "users",
    Column("username", String(50), nullable=False, unique=True),
    Column("password", String(255), nullable=False),
    Column("role", enum_of(Role, check="ck_users_role"), nullable=False, server_default=Role.USER.value),
    created_at(),
    Column("username_key", String(200), unique=True),  # NULL in rows inserted by hand; `SqlUsers` fills it
    Column("email", String(254)),
    Column("locale", String(16), nullable=False, server_default="zh-CN"),
    Column("has_chosen_locale", Boolean, nullable=False, server_default=text("0")),
    Column("token_version", Integer, nullable=False, server_default=text("0")),
    Column("has_default_password", Boolean, nullable=False, server_default=text("0")),
    Column("has_common_password", Boolean, nullable=False, server_default=text("0")),
    Column("has_temporary_password", Boolean, nullable=False, server_default=text("0")),
    Column("alert_level", ranks_of(Level), nullable=False, server_default="warning"),
    Column("quiet", Text),  # as JSON, like `away`
    Column("away", Text),
)

sessions = table(
    "sessions",
    Column("id", String(64), primary_key=True),
    parent("user_id", "users.id", nullable=False, index=True),
    Column("token_digest", DIGEST, nullable=False, unique=True),
    Column("previous_digest", DIGEST),
    moment("created_at"),
    moment("last_used_at"),
    moment("expires_at", index=True),
    Column("user_agent", String(255), nullable=False),
    Column("address", String(255), nullable=False),
    moment("authenticated_at", nullable=True),
    Column("sign_in", word_of(SignIn), nullable=False, server_default=SignIn.PASSWORD.value),
    Column("encrypted_id_token", Text),
)

# Random values that are good once. No foreign key: the account is looked for when one is used.
challenges = table(
    "challenges",
    Column("digest", DIGEST, primary_key=True),
    Column("purpose", word_of(Purpose), nullable=False),
    Column("user_id", Integer),
    Column("data", Text, nullable=False),
    moment("expires_at", index=True),
)

# The secret of a second factor that shows codes. *confirmed_at*: NULL until a first code was right. *last_step*: the
# period of the last code that was taken, since none is good twice.
totp_secrets = table(
    "totp_secrets",
    parent("user_id", "users.id", primary_key=True, autoincrement=False),
    Column("encrypted", Text, nullable=False),
    moment("created_at"),
    moment("confirmed_at", nullable=True),
    Column("last_step", BigInteger, nullable=False),
)

recovery_codes = table(
    "recovery_codes",
    parent("user_id", "users.id", primary_key=True, autoincrement=False),
    Column("digest", DIGEST, primary_key=True),
    moment("used_at", nullable=True),
)

# *user_handle*: the same in all passkeys of a user. *credential_digest*: of the id that the device gave it, which may
# have a thousand bytes. *transports*: separated by commas.
passkeys = numbered(
    "passkeys",
    parent("user_id", "users.id", nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("user_handle", DIGEST, nullable=False),
    Column("credential_digest", DIGEST, nullable=False, unique=True),
    Column("credential_id", BYTES, nullable=False),
    Column("public_key", BYTES, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", String(255), nullable=False),
    moment("created_at"),
    moment("last_used_at", nullable=True),
    moment("cloned_at", nullable=True),
)

# Who somebody is at the issuer of single sign-on.
identities = numbered(
    "identities",
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    parent("user_id", "users.id", nullable=False, index=True),
    Column("username", String(255), nullable=False),
    Column("email", String(254)),
    moment("created_at"),
    moment("last_used_at"),
    UniqueConstraint("issuer", "subject"),
)

personal_tokens = numbered(
    "personal_tokens",
    parent("user_id", "users.id", nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("scope", word_of(TokenScope), nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("last_used_at", nullable=True),
    Column("last_address", String(255)),
)

teams = numbered(
    "teams",
    Column("name", String(100), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True),
    Column("access", word_of(TeamAccess), nullable=False),
    Column("oidc_group", String(255), index=True),
    moment("created_at"),
    parent("escalation_id", "escalations.id", "SET NULL", index=True),
)

team_users = table(
    "team_users",
    parent("team_id", "teams.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", primary_key=True, autoincrement=False, index=True),
)

team_servers = table(
    "team_servers",
    parent("team_id", "teams.id", primary_key=True, autoincrement=False),
    parent("server_id", "servers.id", primary_key=True, autoincrement=False, index=True),
)

team_tags = table(
    "team_tags",
    parent("team_id", "teams.id", primary_key=True, autoincrement=False),
    Column("tag", String(50), primary_key=True, index=True),
)

# Mails to people about changes of their account. No foreign key: the mail is sent even if the account is deleted.
account_mails = numbered(
    "account_mails",
    Column("user_id", Integer, nullable=False),
    Column("username", String(50), nullable=False),
    Column("email", String(254), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("event", String(32), nullable=False),
    Column("name", String(255), nullable=False),
    Column("changed_by", String(50), nullable=False),
    Column("address", String(255), nullable=False),
    moment("at"),
    moment("not_before", index=True),
    moment("leased_until", nullable=True),
    Column("holder", String(64)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
)

login_attempts = numbered(
    "login_attempts",
    Column("kind", word_of(GuessKind), nullable=False),
    Column("account", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    moment("at", index=True),
    Index(None, "kind", "account", "at"),
    Index(None, "kind", "source", "at"),
)

# No foreign keys: the claims of a ticket are checked at its use, like those of a token.
live_tickets = table(
    "live_tickets",
    Column("digest", DIGEST, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("token_version", Integer, nullable=False),
    Column("token_id", Integer),
    moment("claims_expire_at"),
    moment("expires_at", index=True),
)

server_makers = table(
    "server_makers",
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
)

policy_makers = table(
    "policy_makers",
    parent("policy_id", "alert_policies.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
)
