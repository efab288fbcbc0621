"""What opens sessions, and how many one person may have."""

import ast
import re
from pathlib import Path

import monitor.application
from monitor.domain.accounts.sessions import MAX_SESSIONS
from tests.unit.application.core import ORIGIN, PASSWORD, Core

WAYS_IN = {
    "ChangePassword": "a session whose user has just given the old password",
    "EnterByIdentity": "single sign-on",
    "LogIn": "name, password, and the code of the second factor",
    "LogInByLink": "a link that the command line made",
    "LogInWithPasskey": "a passkey",
}
"""docs/security.md says how strong each is. A further one has to be described there."""
OPENING = re.compile(r"issuer\.(log_in|replace)\(")


def test_nothing_else_opens_a_session() -> None:
    opening = set()
    for path in Path(monitor.application.__path__[0]).rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and OPENING.search(ast.unparse(node)):
                opening.add(node.name)
    assert opening == WAYS_IN.keys()


def test_a_log_in_too_many_ends_the_session_that_was_used_least_recently(core: Core, ann) -> None:
    held = []
    for _ in range(MAX_SESSIONS + 1):
        held.append(core.log_in("ann", PASSWORD, ORIGIN))
        core.clock.advance(1)
    open_ones = core.store.queries.users.sessions(core.authenticate(held[-1].access_token, "").actor, core.clock.now())
    assert len(open_ones) == MAX_SESSIONS
    assert core.tokens.read(held[0].access_token, core.clock.now()).session_id not in {s.id for s in open_ones}
