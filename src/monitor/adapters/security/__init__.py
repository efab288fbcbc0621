"""Password hashes, signed tokens, and the encryption of stored secrets."""
