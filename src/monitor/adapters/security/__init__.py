"""Passwords, tokens, and the encryption of secrets at rest."""
