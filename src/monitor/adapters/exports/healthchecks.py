"""Healthchecks: the answer of `GET /api/v3/checks/`."""

from monitor.adapters.exports.taken import Record, Taken

_LOST = {
    "ping_url": "the check-in has another address, to which the job has to report",
    "channels": "add channels in place of integrations",
    "tags": "check-ins have the tags of their server",
    "filter_subject": "each ping counts, whatever it says",
    "filter_body": "each ping counts, whatever it says",
}
_PERIOD, _GRACE = 86_400, 3_600
"""Its defaults, in seconds."""


def taken_from(answer: Record) -> Taken:
    """Raises Untaken. A schedule that is no cron expression is refused by its number of fields."""
    taken = Taken()
    for each in answer.records("checks", None):
        name = each.text("name", each.text("slug"))
        with taken.item(f"check {name}"):
            cron = each.text("schedule")
            when = {"schedule": cron, "timezone": each.text("tz", "UTC")} if cron else {}
            period = None if cron else each.number("timeout", _PERIOD)
            taken.add("check_ins", name, period=period, grace=each.number("grace", _GRACE), **when)
            taken.lose(f"check {name}", each, _LOST)
    return taken
