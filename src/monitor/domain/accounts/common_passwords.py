"""The passwords that guessing programs try first: at least 10,000, listed in the file beside this one."""

from pathlib import Path

_LIST = Path(__file__).with_name("common_passwords.txt")
_TAIL = "0123456789!?"


def is_common(password: str) -> bool:
    """Whether it is on the list in any case, or is so but for digits, "!" and "?" at its end.

    The list is read each time, in a millisecond: passwords are set rarely, and kept it would take a megabyte.
    """
    listed = _LIST.read_text(encoding="ascii")
    folded = password.casefold()
    return any(f"\n{form}\n" in listed for form in (folded, folded.rstrip(_TAIL)))
