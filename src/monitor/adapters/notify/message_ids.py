import hashlib
import re

# As long as a header line takes without being folded, which the library does wrongly inside an id.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


def stable_id(message_id: str) -> str:
    """*message_id* as it may stand in any header; the same for the same one."""
    if _PLAIN.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
