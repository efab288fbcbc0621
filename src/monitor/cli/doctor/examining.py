"""Runs checks at once, each on a thread that is left behind if it hangs."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Answer(NamedTuple):
    """*detail*: words of other programs, such as an error's text; they may name hosts and people."""

    ok: bool
    said: str
    detail: str = ""

    @property
    def text(self) -> str:
        return " ".join(f"{self.said} ({self.detail})".split()) if self.detail else self.said


def judged(is_good: bool, said: str, advice: str) -> Answer:
    return Answer(is_good, said if is_good else f"{said}: {advice}")


def examined(checks: Mapping[str, Callable[[], Answer]], patience: float) -> dict[str, Answer]:
    """Return what each of *checks* says, in their order; a bad answer if it fails, or takes over *patience* seconds."""
    late = Answer(False, f"no answer within {patience:.0f} s: look whether this machine or its network hangs")
    answers = dict.fromkeys(checks, late)

    def run(name: str, check: Callable[[], Answer]) -> None:
        try:
            answers[name] = check()
        except Exception as error:
            answers[name] = Answer(False, f"it cannot be read, by {type(error).__name__}", str(error))

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in checks.items()]
    for thread in threads:
        thread.start()
    give_up = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, give_up - time.monotonic()))
    return dict(answers)
