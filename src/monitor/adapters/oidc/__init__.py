"""Single sign-on by OpenID Connect: authorization code with PKCE. Import all but `client` on first use.

`client` says which issuer it is, `web` asks it, `discovery` keeps what it publishes, `id_token` checks what it signs,
and `provider` puts them together.
"""
