"""Healthchecks: the answer of `GET /api/v3/checks/`."""

from monitor.adapters.exports.taken import Record, Taken, Untaken

_FILTERS = ("filter_subject", "filter_body", "filter_http_body", "filter_default_fail")
_LOST = {
    "ping_url": "the check-in has another address, to which the job has to report",
    "channels": "add channels in place of integrations",
    "tags": "check-ins have the tags of their server",
    "desc": "check-ins have no description",
    "methods": "each method counts",
    **dict.fromkeys(_FILTERS, "each ping counts, whatever it says"),
}


def read(answer: Record) -> Taken:
    """Raises Untaken."""
    taken = Taken()
    for each in answer.records("checks", None):
        name = each.text("name", each.text("slug"))
        with taken.item(f"check {name}"):
            if each.get("status") == "paused":
                raise Untaken("it is paused")
            when = {"schedule": cron} if (cron := each.text("schedule")) else {"period": each.number("timeout", 86_400)}
            taken.add("check_ins", name, grace=each.number("grace", 3_600), timezone=each.text("tz", "UTC"), **when)
            taken.lose(f"check {name}", each, _LOST)
    return taken
