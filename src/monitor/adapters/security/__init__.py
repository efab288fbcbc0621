"""Password hashes, signed tokens, passkeys, and the encryption of stored secrets."""
