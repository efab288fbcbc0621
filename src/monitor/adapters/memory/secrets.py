import hashlib
import itertools

from monitor.application.ports.secrets import Secrets


class CountedSecrets(Secrets):
    """For tests: the same *seed* gives the same secrets in the same order, and none twice. Anybody can guess them."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._tokens = itertools.count(1)
        self._versions = itertools.count(1)

    def token(self) -> str:
        return hashlib.sha256(f"{self._seed}:{next(self._tokens)}".encode()).hexdigest()

    def version(self) -> int:
        return next(self._versions)
