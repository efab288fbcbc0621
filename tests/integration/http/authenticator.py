"""A person's authenticator app, which uses a library of its own to compute codes."""

from dataclasses import dataclass, field

import pyotp

from monitor.application.accounts.factors import ManageTotp
from tests.integration.http.world import PASSWORD, Person, World


@dataclass
class Authenticator:
    world: World
    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of some steps later or earlier."""
        return pyotp.TOTP(self.secret).at(for_time=self.world.clock.now(), counter_offset=steps)

    def next_code(self) -> str:
        """Wait for a code that is not used."""
        self.world.later(seconds=30)
        return self.code()


def begun(world: World, person: Person) -> Authenticator:
    """Scan the secret without confirming it."""
    return Authenticator(world, world.container.get(ManageTotp).begin(person.actor, PASSWORD).secret)


def with_totp(world: World, person: Person) -> Authenticator:
    """Turn the second factor of *person* on, in the session of their token, which alone goes on."""
    app = begun(world, person)
    app.recovery_codes = world.container.get(ManageTotp).confirm(world.in_session(person), app.code())
    return app
