"""The composition root: use cases, made from what their constructors ask for. `assembly` chooses the adapters."""

import sys
from dataclasses import is_dataclass
from importlib.metadata import version as installed_version
from inspect import isclass, signature
from socket import gethostname
from threading import RLock
from typing import Any, TypeVar

from dependency_injector import containers, providers

from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
from monitor.adapters.notify.wording.card import HtmlCards
from monitor.adapters.security.factors import PyotpCodes, WebAuthn
from monitor.adapters.security.tokens import JwtAccessTokens, JwtDeviceTokens, SignedRefreshTokens
from monitor.application.accounts.credentials import (
    AccessTokens,
    DeviceTokens,
    IdentityProvider,
    OneTimeCodes,
    PasskeyProtocol,
    PasswordHasher,
    RefreshTokens,
)
from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.holding import HoldBack
from monitor.application.checks.ports import Prober, Schedules
from monitor.application.configuration.current import ConfigurationFormat
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.history.blocks import Archive
from monitor.application.intake.queue import CurrentEpoch
from monitor.application.notifications.deciding import HoldsBack
from monitor.application.notifications.sender_ports import AlertCards, Mailer, PushKeys
from monitor.application.operations.ports import Queries, Store, UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.identities import SignOnRules
from monitor.domain.accounts.limits import Quotas
from monitor.domain.notifications.mail_settings import MailSettings
from monitor.settings import Settings

T = TypeVar("T")

IMPLEMENTATIONS: dict[type, type] = {
    AccessTokens: JwtAccessTokens,
    AlertCards: HtmlCards,
    DeviceTokens: JwtDeviceTokens,
    HoldsBack: HoldBack,
    OneTimeCodes: PyotpCodes,
    OpenAlerts: CancelOpenAlerts,
    PasskeyProtocol: WebAuthn,
    PushKeys: DerivedPushKeys,
    RefreshTokens: SignedRefreshTokens,
}
"""Of ports that every installation serves alike."""


class Shared(containers.DeclarativeContainer):
    """What a container is given, and the values that constructors ask for by name."""

    settings = providers.Dependency(instance_of=Settings)
    store = providers.Dependency(instance_of=Store)  # type: ignore[type-abstract]  # any Store will do
    clock = providers.Dependency(instance_of=Clock)  # type: ignore[type-abstract]  # likewise
    secrets = providers.Dependency(instance_of=Secrets)  # type: ignore[type-abstract]  # likewise
    schedules = providers.Dependency(instance_of=Schedules)  # type: ignore[type-abstract]  # likewise
    configuration_format = providers.Dependency(instance_of=ConfigurationFormat)  # type: ignore[type-abstract]  # likewise
    hasher = providers.Dependency(instance_of=PasswordHasher)  # type: ignore[type-abstract]  # likewise
    mailer = providers.Dependency(instance_of=Mailer)  # type: ignore[type-abstract]  # likewise
    identity_provider = providers.Dependency(instance_of=IdentityProvider)  # type: ignore[type-abstract]  # likewise
    prober = providers.Dependency(instance_of=Prober)  # type: ignore[type-abstract]  # likewise
    quotas = providers.Dependency(instance_of=Quotas)
    senders = providers.Dependency(instance_of=dict)
    jwt_secret = providers.Dependency(instance_of=str)

    queries = store.provided.queries
    archive, read_keys = queries.archive, queries.check_ins.ping_keys
    intake_server, reconnect = store.provided.intake_server, store.provided.reconnect
    issuer, sign_on_rules = identity_provider.provided.issuer, settings.provided.sign_on_rules
    mail_environment = settings.provided.mail
    secret = link_secret = jwt_secret
    host, version = providers.Callable(gethostname), providers.Callable(installed_version, "monitor")
    process = holder = providers.ThreadSafeSingleton(lambda secrets: secrets.token(), secrets)
    started_at = listening_since = providers.ThreadSafeSingleton(lambda clock: clock.now(), clock)
    epoch = providers.ThreadSafeSingleton(CurrentEpoch, secrets.provided.token.call(), settings.provided.durable_after)
    fleet = providers.ThreadSafeSingleton(Fleet, queries)
    uow = providers.Factory(lambda store, fleet: store.unit_of_work(fleet.mark_stale), store, fleet)
    intake_uow = providers.Factory(lambda store, fleet: store.intake_unit_of_work(fleet.mark_stale), store, fleet)
    new_uow, new_intake_uow = uow.provider, intake_uow.provider


_MADE = {Archive: "archive", CurrentEpoch: "epoch", Fleet: "fleet", Queries: "queries", SignOnRules: "sign_on_rules"}
_GIVEN = {each.instance_of: name for name, each in Shared.providers.items() if isinstance(each, providers.Dependency)}
CLASSES: dict[type, str] = _MADE | _GIVEN | {MailSettings: "mail_environment"}
"""The names of what is shared, by its class."""


class Container:
    """Makes use cases with the parts that their constructors ask for.

    Parts that have a class are found by it, plain values and functions by the name of the parameter, in `Shared` or
    the settings. A parameter with a default that is not shared keeps it. What keeps a state is made once: all but
    frozen dataclasses.
    """

    def __init__(self, **given: Any) -> None:
        self.shared = Shared(**given)
        self._lock = RLock()
        self._made: dict[type, providers.Provider[Any]] = {}
        self._providers: dict[tuple[Any, str], providers.Provider[Any]] = {}

    @property
    def settings(self) -> Settings:
        return self.shared.settings()

    @property
    def clock(self) -> Clock:
        return self.shared.clock()

    @property
    def store(self) -> Store:
        return self.shared.store()

    @property
    def queries(self) -> Queries:
        return self.store.queries

    @property
    def fleet(self) -> Fleet:
        return self.shared.fleet()

    def uow(self) -> UnitOfWork:
        uow: UnitOfWork = self.shared.uow()
        return uow

    def get(self, kind: type[T]) -> T:
        """Return the use case, or other part, of this class. Raises LookupError."""
        made: T = self.part("", kind)
        return made

    def part(self, name: str, kind: Any) -> Any:
        """Return what a parameter of this name and annotation gets. Raises LookupError."""
        return self.provider(kind, name)()

    def provider(self, kind: Any, name: str = "") -> providers.Provider[Any]:
        """Return what makes it. Raises LookupError."""
        key = (kind, name)
        found = self._providers.get(key)
        if found is None:
            with self._lock:
                found = self._providers[key] = self._shared_provider(kind, name) or self._made_provider(kind, name)
        return found

    def _shared_provider(self, kind: Any, name: str) -> providers.Provider[Any] | None:
        if _has_parts(kind):
            name = next((name for shared, name in CLASSES.items() if issubclass(shared, kind)), "")
        elif name not in self.shared.providers and hasattr(self.settings, name):
            provider: providers.Provider[Any] = getattr(self.shared.settings.provided, name)
            return provider
        return self.shared.providers.get(name)

    def _made_provider(self, kind: Any, name: str) -> providers.Provider[Any]:
        if not _has_parts(kind):
            raise LookupError(f"no part is called {name!r}")
        if kind not in self._made:
            made = IMPLEMENTATIONS.get(kind, kind)
            make = providers.Factory if _keeps_no_state(made) else providers.ThreadSafeSingleton
            self._made[kind] = make(made, **self._parts(made))
        return self._made[kind]

    def _parts(self, kind: type) -> dict[str, providers.Provider[Any]]:
        parameters = signature(kind, eval_str=True).parameters.items()
        return {
            name: self.provider(each.annotation, name)
            for name, each in parameters
            if each.default is each.empty or self._shared_provider(each.annotation, name)
        }


def _has_parts(kind: Any) -> bool:
    return isclass(kind) and kind.__module__.partition(".")[0] not in sys.stdlib_module_names


def _keeps_no_state(kind: type) -> bool:
    return is_dataclass(kind) and bool(vars(kind)["__dataclass_params__"].frozen)
