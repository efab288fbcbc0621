"""Healthchecks: the answer of `GET /api/v3/checks/`."""

from monitor.adapters.exports.taken import Record, Taken

_LOST = {
    "ping_url": "the check-in has another address, to which the job has to report",
    "channels": "add channels in place of integrations",
    "tags": "check-ins have the tags of their server",
    "filter_subject": "each ping counts, whatever it says",
    "filter_body": "each ping counts, whatever it says",
}


def read(answer: Record) -> Taken:
    """Raises Untaken."""
    taken = Taken()
    for each in answer.records("checks", None):
        name = each.text("name", each.text("slug"))
        with taken.item(f"check {name}"):
            when = {"schedule": cron} if (cron := each.text("schedule")) else {"period": each.number("timeout", 86_400)}
            taken.add("check_ins", name, grace=each.number("grace", 3_600), timezone=each.text("tz", "UTC"), **when)
            taken.lose(f"check {name}", each, _LOST)
    return taken
