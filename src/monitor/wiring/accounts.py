"""The use cases of accounts, made of their parts."""

from dependency_injector import providers

from monitor.adapters.security.tokens import JwtAccessTokens, JwtDeviceTokens, SignedRefreshTokens
from monitor.adapters.security.totp import PyotpCodes
from monitor.adapters.security.web_authentication import WebAuthn
from monitor.application.accounts.authentication import Authenticate, LiveTicketOffice
from monitor.application.accounts.factors import EncryptFactors, ManageTotp, ResetFactors
from monitor.application.accounts.identities import EnterByIdentity, JoinIdentity, PartIdentity
from monitor.application.accounts.issuing import SessionIssuer
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.log_in import IssueLoginLink, LogIn, LogInByLink
from monitor.application.accounts.passkey_login import (
    BeginPasskeyLogin,
    LogInWithPasskey,
    ReauthenticateWithPasskey,
    VerifyPasskey,
)
from monitor.application.accounts.passkeys import AddPasskey, BeginPasskey, RemovePasskey
from monitor.application.accounts.personal_tokens import CreateToken, RevokeToken, TokenUses
from monitor.application.accounts.profile import ChangePassword, UpdateProfile
from monitor.application.accounts.proving import CheckCode, ProveIdentity, Reauthenticate
from monitor.application.accounts.recording import ExportAudit, Refusals
from monitor.application.accounts.sessions import EndSession, EndSessions, LogOut, RefreshSession
from monitor.application.accounts.single_sign_on import BeginSignOn, FinishSignOn
from monitor.application.accounts.users import ChangeUser, CreateUser, DeleteUser, EnsureFirstAdmin, ResetPassword
from monitor.wiring.shared import Shared

# A class body does not see the names of its base.
settings = Shared.settings
clock = Shared.clock
secrets = Shared.secrets
hasher = Shared.hasher
identity_provider = Shared.identity_provider
jwt_secret = Shared.jwt_secret
quotas = Shared.quotas
queries = Shared.queries
uow = Shared.uow


class AccountContainer(Shared):
    """The use cases of accounts."""

    tokens = providers.ThreadSafeSingleton(JwtAccessTokens, jwt_secret)
    devices = providers.ThreadSafeSingleton(JwtDeviceTokens, jwt_secret)
    refresh_tokens = providers.ThreadSafeSingleton(SignedRefreshTokens, jwt_secret)
    allows_default_password = settings.provided.allows_default_password
    takes_passwords = settings.provided.takes_passwords
    issuer = providers.Factory(
        SessionIssuer, clock, secrets, tokens, refresh_tokens, allows_default_password, takes_passwords
    )
    refusals = providers.ThreadSafeSingleton(Refusals, uow.provider, clock)
    limits = providers.Factory(LoginLimits, uow.provider, clock)
    codes = providers.ThreadSafeSingleton(PyotpCodes, settings.provided.base_url)
    check_code = providers.Factory(CheckCode, clock, codes)
    prove_identity = providers.Factory(ProveIdentity, uow.provider, clock, hasher, limits, refusals, takes_passwords)

    ensure_first_admin = providers.Factory(EnsureFirstAdmin, uow.provider, clock, secrets, hasher)
    create_user = providers.Factory(CreateUser, uow.provider, clock, secrets, hasher, takes_passwords)
    change_user = providers.Factory(ChangeUser, uow.provider, clock, secrets)
    reset_password = providers.Factory(ResetPassword, uow.provider, clock, secrets, hasher, takes_passwords)
    delete_user = providers.Factory(DeleteUser, uow.provider, clock)

    log_in = providers.Factory(
        LogIn,
        uow.provider,
        clock,
        hasher,
        issuer,
        limits,
        devices,
        refusals,
        check_code,
        takes_passwords,
    )
    reauthenticate = providers.Factory(Reauthenticate, uow.provider, clock, prove_identity, check_code)
    manage_totp = providers.Factory(ManageTotp, uow.provider, clock, secrets, codes, prove_identity, check_code)
    reset_factors = providers.Factory(ResetFactors, uow.provider, clock)
    encrypt_factors = providers.Factory(EncryptFactors, uow.provider)

    refresh_session = providers.Factory(RefreshSession, uow.provider, clock, refresh_tokens, issuer, takes_passwords)
    log_out = providers.Factory(LogOut, uow.provider, clock, secrets, identity_provider)
    end_session = providers.Factory(EndSession, uow.provider, clock)
    end_sessions = providers.Factory(EndSessions, uow.provider, clock)

    create_token = providers.Factory(CreateToken, uow.provider, clock, secrets, quotas)
    revoke_token = providers.Factory(RevokeToken, uow.provider, clock)
    token_uses = providers.ThreadSafeSingleton(TokenUses, uow.provider, clock)
    authenticate = providers.Factory(
        Authenticate, queries, clock, tokens, allows_default_password, takes_passwords, token_uses
    )
    update_profile = providers.Factory(UpdateProfile, uow.provider, clock)
    change_password = providers.Factory(
        ChangePassword,
        uow.provider,
        clock,
        secrets,
        hasher,
        issuer,
        limits,
        refusals,
        takes_passwords,
    )
    begin_sign_on = providers.Factory(BeginSignOn, uow.provider, clock, secrets, limits, identity_provider)
    finish_sign_on = providers.Factory(
        FinishSignOn,
        uow.provider,
        clock,
        identity_provider,
        providers.Factory(EnterByIdentity, uow.provider, clock, secrets, issuer, settings.provided.sign_on_rules),
        providers.Factory(JoinIdentity, uow.provider, clock),
        refusals,
    )
    part_identity = providers.Factory(PartIdentity, uow.provider, clock, takes_passwords)
    issue_login_link = providers.Factory(IssueLoginLink, uow.provider, clock, secrets)
    log_in_by_link = providers.Factory(LogInByLink, uow.provider, clock, issuer, refusals)
    export_audit = providers.Factory(ExportAudit, uow.provider, queries, clock)
    live_tickets = providers.Factory(LiveTicketOffice, uow.provider, clock, secrets)

    passkey_protocol = providers.Factory(WebAuthn)
    begin_passkey = providers.Factory(BeginPasskey, uow.provider, clock, secrets, passkey_protocol)
    add_passkey = providers.Factory(AddPasskey, uow.provider, clock, passkey_protocol)
    remove_passkey = providers.Factory(
        RemovePasskey, uow.provider, clock, identity_provider.provided.issuer, takes_passwords
    )
    begin_passkey_login = providers.Factory(BeginPasskeyLogin, uow.provider, clock, secrets, passkey_protocol, limits)
    verify_passkey = providers.Factory(VerifyPasskey, uow.provider, clock, passkey_protocol)
    log_in_with_passkey = providers.Factory(
        LogInWithPasskey,
        uow.provider,
        clock,
        verify_passkey,
        issuer,
        refusals,
        takes_passwords,
    )
    reauthenticate_with_passkey = providers.Factory(
        ReauthenticateWithPasskey, uow.provider, clock, verify_passkey, refusals
    )
