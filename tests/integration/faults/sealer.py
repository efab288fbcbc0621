"""Process that seals in a loop, with a line for each transaction, until it is killed."""

import sys
from pathlib import Path

from monitor.application.history.sealing import SealHistory
from monitor.application.ports import NO_KEY
from monitor.assembly import on_sql
from monitor.settings import Settings


def main(database_url: str) -> None:
    container = on_sql(Settings(database_url=database_url, data_dir=Path()), "k" * 32, NO_KEY)
    while True:
        for progress in container.get(SealHistory)(container.clock.now(), in_turn=False):
            print(progress, flush=True)  # noqa: T201 (the test reads it)


if __name__ == "__main__":
    main(sys.argv[1])
