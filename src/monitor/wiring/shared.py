"""What every container is given, and what all use cases share."""

from dependency_injector import containers, providers

from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.identity_provider import IdentityProvider
from monitor.application.checks.ports import Prober, Schedules
from monitor.application.configuration.current import ConfigurationFormat
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.ports import Mailer
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.limits import Quotas
from monitor.settings import Settings


def _open(store: Store, fleet: Fleet) -> UnitOfWork:
    return store.unit_of_work(fleet.mark_stale)


class Shared(containers.DeclarativeContainer):
    """The given store, clock, randomness, password hasher and senders, and units of work on the store."""

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
    senders = providers.Dependency(instance_of=dict)
    jwt_secret = providers.Dependency(instance_of=str)
    quotas = providers.Dependency(instance_of=Quotas)

    holder = providers.ThreadSafeSingleton(lambda secrets: secrets.token(), secrets)

    queries = store.provided.queries
    fleet = providers.ThreadSafeSingleton(Fleet, queries)
    uow = providers.Factory(_open, store, fleet)
