import hashlib

from monitor.application.ports.password_hasher import PasswordHasher

_MARK = "insecure-for-tests$"


class InsecurePasswordHasher(PasswordHasher):
    """For tests only: as fast as can be, hence as easily guessed, and without a salt."""

    def hash(self, password: str) -> str:
        return _MARK + hashlib.sha256(password.encode("utf-8", "surrogatepass")).hexdigest()

    def verify(self, password: str, password_hash: str | None) -> bool:
        return password_hash == self.hash(password)
