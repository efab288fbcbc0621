"""Tokens, API keys and sessions."""

from mutants.mutant import Mutant, Mutants

_AUTHENTICATION, _TOKENS = "application/accounts/authentication.py", "adapters/security/tokens.py"
_SESSIONS, _DIRECTORY = "domain/accounts/sessions.py", "application/fleet/directory.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"

MUTANTS: Mutants = {
    "tokens": [
        Mutant(
            "any signature is right",
            _TOKENS,
            "if not hmac.compare_digest(signature, self._signature(content)):",
            "if not signature:",
            "unit/adapters/security/test_tokens.py",
        ),
        Mutant(
            "a refresh token may be signed for another purpose",
            _TOKENS,
            '_REFRESH_PURPOSE = b"monitor-refresh:"',
            '_REFRESH_PURPOSE = b""',
            "unit/adapters/security/test_tokens.py",
        ),
        Mutant(
            "an access token never expires",
            _AUTHENTICATION,
            "owner.token_version != claims.token_version or claims.expires_at <= now:",
            "owner.token_version != claims.token_version:",
            "unit/application/accounts/test_login.py",
        ),
        Mutant(
            "an access token outlives a log-out everywhere",
            _AUTHENTICATION,
            "owner.token_version != claims.token_version or claims.expires_at <= now:",
            "claims.expires_at <= now:",
            "unit/application/accounts/test_ended_sessions.py",
        ),
        Mutant(
            "the refresh token before works for ever",
            _SESSIONS,
            "token_digest == self.previous_digest and now - self.last_used_at <= ROTATION_GRACE",
            "token_digest == self.previous_digest",
            "unit/domain/accounts/test_sessions.py",
        ),
        Mutant(
            "a stolen refresh token ends nothing",
            "application/accounts/sessions.py",
            "uow.sessions.delete(session.id, user_id=user.id)",
            "pass",
            "unit/application/accounts/test_refresh_rotation.py",
        ),
        Mutant(
            "the device of another user is known",
            "application/accounts/log_in.py",
            "if device is not None and device.user_id == user.id else None",
            "if device is not None else None",
            "unit/application/accounts/test_known_devices.py",
        ),
    ],
    "personal tokens": [
        Mutant(
            "they never expire",
            _AUTHENTICATION,
            "if expires_at <= self.clock.now():\n            raise Unauthenticated(Ended.EXPIRED)",
            "if expires_at is None:\n            raise Unauthenticated(Ended.EXPIRED)",
            "unit/application/accounts/test_personal_tokens.py",
        ),
        Mutant(
            "one to read may write",
            _AUTHENTICATION,
            "reads_only=owner.scope is not TokenScope.WRITE",
            "reads_only=False",
            "integration/http/accounts/test_personal_tokens.py::test_one_that_reads_changes_nothing",
        ),
        Mutant(
            "they reach passwords and sessions",
            "adapters/http/edge/authentication.py",
            'if caller.actor.token_id is not None and opt.get("not_for_tokens"):',
            'if caller.reads_only and opt.get("not_for_tokens"):',
            "integration/http/accounts/test_personal_tokens.py::test_it_reaches_neither_users_nor_what_is_theirs_alone",
        ),
        Mutant(
            "one that writes is made with an old log-in",
            "application/accounts/personal_tokens.py",
            "if scope is TokenScope.WRITE:",
            "if scope is TokenScope.READ:",
            "unit/application/accounts/test_personal_tokens.py",
        ),
    ],
    "API keys": [
        Mutant(
            "a server's key reports for another",
            _DIRECTORY,
            'canonical_ip(ip_address or "") != server.ip_address:\n                raise ForeignAddress',
            "ip_address is None:\n                raise ForeignAddress",
            "unit/application/fleet/test_whose_samples.py",
        ),
        Mutant(
            "everybody's fleet key reaches every server",
            _DIRECTORY,
            "{None, *(user_id for user_id, user in users.items() if user.role is Role.ADMIN)}",
            "{None, *users}",
            "unit/application/fleet/test_whose_samples.py",
        ),
        Mutant(
            "a revoked key works on",
            _DIRECTORY,
            "for key_digest, key in self.keys.items() if key.id not in changed}",
            "for key_digest, key in self.keys.items()}",
            "unit/application/fleet/test_api_keys.py",
        ),
    ],
    "sessions": [
        Mutant(
            "one in use never ends",
            _SESSIONS,
            "min(used_at + REFRESH_TTL, created_at + (SSO_SESSION_TTL if sign_in is SignIn.SSO else SESSION_TTL))",
            "used_at + REFRESH_TTL",
            "unit/domain/accounts/test_sessions.py",
        ),
        Mutant(
            "one without the second factor counts",
            _SESSIONS,
            "return is_open and (authenticated_at is not None or not has_second_factor)",
            "return is_open",
            "unit/application/accounts/test_fresh_proofs.py",
        ),
        Mutant(
            "a new password leaves the others open",
            "application/accounts/sessions.py",
            "uow.sessions.delete_all(user.id)\n",
            "uow.sessions\n",
            "unit/application/accounts/test_change_password.py",
        ),
        Mutant(
            "a log-out leaves them in the database",
            "application/accounts/sessions.py",
            "uow.sessions.delete_all(actor.user_id)\n",
            "uow.sessions\n",
            "unit/application/accounts/test_ended_sessions.py",
        ),
        Mutant(
            "a log-in counts as fresh for ever",
            "domain/accounts/actors.py",
            "return until if now <= until else None",
            "return until",
            "unit/application/accounts/test_fresh_proofs.py",
        ),
    ],
}
