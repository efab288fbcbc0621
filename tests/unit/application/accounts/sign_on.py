"""Single sign-on on the in-memory store, at an issuer that says what a test wants."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monitor.adapters.memory.stand_ins import CountedSecrets, FixedClock, InsecurePasswordHasher
from monitor.application.accounts.authentication import Authenticate
from monitor.application.accounts.issuing import LoggedIn, Origin
from monitor.application.accounts.limits import Refusals
from monitor.application.accounts.log_in import LogIn
from monitor.application.accounts.single_sign_on import BeginSignOn, FinishSignOn, SignedOn
from monitor.application.accounts.users import CreateUser, EnsureFirstAdmin
from monitor.assembly import in_memory
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.identities import Identity, SignOnRules
from monitor.domain.accounts.users import User
from monitor.settings import Settings
from tests.fakes.identity_provider import MemoryIdentityProvider

ISSUER = "https://id.example.com"
PASSWORD = "correct horse battery"
ORIGIN = Origin(address="203.0.113.7", user_agent="a browser")
ROOT = Actor(user_id=UserId(0), username="(the tests)", role=Role.ADMIN)
BINDING = "b" * 43


@dataclass(kw_only=True)
class SignOnCore:
    """*rules*: fields of `SignOnRules`."""

    rules: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FixedClock()
        self.provider = MemoryIdentityProvider(Identity(issuer=ISSUER, subject="s-1", username="alice"))
        settings = Settings(database_url="", data_dir=Path(), sign_on_rules=SignOnRules(**self.rules), **self.settings)
        self.container: Container = in_memory(
            settings,
            clock=self.clock,
            hasher=InsecurePasswordHasher(),
            secrets=CountedSecrets(),
            identity_provider=self.provider,
        )
        self.container.get(EnsureFirstAdmin)(PASSWORD)

    def says(self, **claims: Any) -> None:
        self.provider.identity = replace(self.provider.identity, **claims)

    def begin(self, **more: Any) -> str:
        """Return the state with which the issuer will answer."""
        self.container.get(BeginSignOn)(ORIGIN, BINDING, **{"next_path": "/", **more})
        return self.provider.begun[-1].state

    def finish(self, state: str, binding: str = BINDING) -> SignedOn:
        return self.container.get(FinishSignOn)({"state": state, "code": "c"}, binding, ORIGIN)

    def sign_on(self, **claims: Any) -> LoggedIn:
        self.says(**claims)
        found = self.finish(self.begin()).logged_in
        assert found is not None
        return found

    def user(self, name: str, role: Role = Role.USER, password: str = PASSWORD, email: str | None = None) -> User:
        return self.container.get(CreateUser)(ROOT, username=name, password=password, role=role, email=email)

    def actor(self, logged_in: LoggedIn) -> Actor:
        return self.container.get(Authenticate)(logged_in.access_token, ORIGIN.address).actor

    def log_in(self, name: str) -> Actor:
        return self.actor(self.container.get(LogIn)(name, PASSWORD, ORIGIN))

    def stored(self, name: str) -> User | None:
        with self.container.uow() as uow:
            return uow.users.by_username(name)

    def names(self) -> list[str]:
        return [user.username for user in self.container.queries.users.all(ROOT)]

    def audit(self) -> list[AuditEntry]:
        """The newest first, with refused attempts."""
        self.container.get(Refusals)(all_of_them=True)
        return list(self.container.queries.audit.newest(ROOT, before=None, limit=100))

    def audited(self, action: str) -> list[tuple[str, str]]:
        return [(entry.target, entry.detail) for entry in self.audit() if entry.action == action]
