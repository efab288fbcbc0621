"""Second factors, limits of log-ins, quotas, and the audit log."""

from mutants.mutant import Mutant, Mutants

_FACTORS, _LIMITS, _PROVING = (
    "domain/accounts/factors.py",
    "domain/accounts/limits.py",
    "application/accounts/proving.py",
)
_COUNTING = "application/accounts/limits.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"

MUTANTS: Mutants = {
    "second factors": [
        Mutant(
            "a code is good twice",
            _FACTORS,
            "if candidate > self.last_step and hmac",
            "if hmac",
            "unit/domain/accounts/test_factors.py",
        ),
        Mutant(
            "it is not noted which code was taken",
            _PROVING,
            "uow.factors.save_totp(taken)",
            "uow.factors.save_totp(totp)",
            "unit/application/accounts/test_second_factors.py",
        ),
        Mutant(
            "a recovery code is good twice",
            "adapters/persistence/accounts/factors.py",
            "(c.user_id == user_id) & (c.digest == digest) & c.used_at.is_(None)",
            "(c.user_id == user_id) & (c.digest == digest)",
            f"{_SQL}::TestFactors::test_a_recovery_code_is_good_once_and_for_its_user[sqlite]",
        ),
        Mutant(
            "an empty code leaves out the factor",
            _PROVING,
            "elif factors.has_totp or (factors.passkeys and",
            "elif not factors.has_totp and (factors.passkeys and",
            "unit/application/accounts/test_second_factors.py",
        ),
        Mutant(
            "sessions without the factor stay open",
            "application/accounts/factors.py",
            "uow.sessions.delete_all(user.id, but=actor.session_id)  # they",
            "uow.sessions  # they",
            "unit/application/accounts/test_second_factors.py",
        ),
    ],
    "log-in limits": [
        Mutant(
            "eleven guesses of a network",
            _LIMITS,
            "if len(times) < at_most:",
            "if len(times) <= at_most:",
            "unit/application/accounts/test_login_limits.py",
        ),
        Mutant(
            "an account is guessed from everywhere",
            _COUNTING,
            "if guess.kind is GuessKind.LOGIN:",
            "if guess.kind is GuessKind.MAIL:",
            "unit/application/accounts/test_login_limits.py",
        ),
        Mutant(
            "each IPv6 address is a client",
            _LIMITS,
            "IPv6Network((parsed, 64), strict=False)",
            "IPv6Network((parsed, 128), strict=False)",
            "unit/application/accounts/test_login_limits.py",
        ),
        Mutant(
            "guesses within a session are not limited",
            _PROVING,
            "return Attempt(user, self.limits.attempt_to_change(user.id, actor.session_id))",
            "return Attempt(user, 0)",
            "unit/application/accounts/test_fresh_proofs.py",
        ),
    ],
    "quotas": [
        Mutant(
            "what there is does not count",
            _COUNTING,
            "return max(0, limit - uow.creators.count(actor.user_id, what, now))",
            "return limit",
            "unit/application/accounts/test_quotas.py",
        ),
        Mutant(
            "one more at a time",
            _COUNTING,
            "if limit is not None and going_on >= limit:",
            "if limit is not None and going_on > limit:",
            "unit/application/accounts/test_quotas.py",
        ),
    ],
    "audit": [
        Mutant(
            "secrets are written down",
            "domain/accounts/audit.py",
            'f"{name} changed" if name in secret else f"{name}: ',
            'f"{name}: ',
            "unit/application/accounts/test_audited_changes.py",
        ),
        Mutant(
            "a deleted server leaves no entry",
            "application/fleet/servers.py",
            "uow.audit.add(*entries)",
            "uow.audit.add()",
            "unit/application/fleet/test_servers.py",
        ),
        Mutant(
            "an export leaves no entry",
            "application/accounts/recording.py",
            "self._record(actor, wanted, file_format)\n        return",
            "return",
            "unit/application/accounts/test_audit_export.py",
        ),
        Mutant(
            "entries are deleted too early",
            "application/operations/maintenance.py",
            "gone = uow.audit.delete_before(limit, ROWS_AT_ONCE)",
            "gone = uow.audit.delete_before(limit + _PRUNED_EVERY, ROWS_AT_ONCE)",
            "unit/application/operations/test_audit_retention.py",
        ),
    ],
}
