"""Incidents, what depends on what, and the steps of escalations."""

from mutants.mutant import Mutant, Mutants

_GROUPING, _MESSAGES = "domain/incidents/grouping.py", "domain/incidents/messages.py"
_HOLDING, _STEPS = "application/alerts/holding.py", "domain/oncall/escalations.py"
_TIMELINES = "unit/application/alerts/timelines/test_timelines.py"
_INCIDENTS = "unit/domain/incidents/test_incidents.py"

MUTANTS: Mutants = {
    "incidents": [
        Mutant(
            "two hosts of a rack are a cause",
            "domain/incidents/causes.py",
            "LEAST_SICK = 3",
            "LEAST_SICK = 2",
            "unit/domain/incidents/test_causes.py",
        ),
        Mutant(
            "a cause covers a host however few still fire",
            _GROUPING,
            "return len(sick) >= LEAST_SICK and 2 * len(sick) > len(members - others)",
            "return True",
            _INCIDENTS,
        ),
        Mutant(
            "a drill joins real trouble",
            _GROUPING,
            "for ills in _together(ill for ill in new if not ill.is_drill):",
            "for ills in _together(new):",
            _INCIDENTS,
        ),
        Mutant(
            "who never reported is healthy",
            _GROUPING,
            "measured = {each: () if each in unknown else own for each, own in groups.items()} if unknown else groups",
            "measured = groups",
            _INCIDENTS,
        ),
        Mutant(
            "a late alert joins what began after it",
            _GROUPING,
            "if place not in self._merged and each.started_at <= latest",
            "if place not in self._merged",
            _INCIDENTS,
        ),
        Mutant(
            "each that joins is a message",
            _MESSAGES,
            "len(received.newest) < AT_ONCE:",
            "len(received.newest) < 1000:",
            "unit/domain/incidents/test_messages.py",
        ),
        Mutant(
            "the end of quiet hours says nothing of what joined in them",
            _MESSAGES,
            "_WITHHELD = (Reason.SILENCED, Reason.QUIET_HOURS, *PARENTS)",
            "_WITHHELD = (Reason.SILENCED, *PARENTS)",
            _TIMELINES,
        ),
        Mutant(
            "nobody hears that a deleted server's alert is over",
            _MESSAGES,
            "return SEND if host_id in received.hosts else Decided(Decision.DROP, Reason.OK)",
            "return Decided(Decision.DROP, Reason.OK)",
            _TIMELINES,
        ),
    ],
    "dependencies": [
        Mutant(
            "a child waits for no overdue parent",
            _HOLDING,
            "return last + allowed * 2 / 3 < self.now <= found_at",
            "return False",
            _TIMELINES,
        ),
        Mutant(
            "a child has no time to recover",
            _HOLDING,
            "self.now < ended_at + self._patience(server)",
            "self.now < ended_at",
            _TIMELINES,
        ),
        Mutant(
            "a parent of which nobody hears holds back",
            _HOLDING,
            "if not notifies_of_outage(directory, parent):",
            "if False:",
            _TIMELINES,
        ),
    ],
    "escalations": [
        Mutant(
            "an alert forgets which one called its recipients",
            "application/alerts/written.py",
            "called_by=present.called_by.get(target),",
            "called_by=None,",
            _TIMELINES,
        ),
        Mutant(
            "the end of an alert is of no escalation",
            "application/alerts/announcing.py",
            "return Audience([*known], (), delays, callers)",
            "return Audience([*known], (), delays)",
            _TIMELINES,
        ),
        Mutant(
            "only the end of a turn hands over",
            "domain/oncall/hand_overs.py",
            "    return HandOver(present, now, last)",
            "    return None",
            "unit/domain/oncall/test_hand_overs.py",
        ),
        Mutant(
            "the first step may be moved",
            _STEPS,
            "for place in range(max(first, 1), end):",
            "for place in range(first, end):",
            "unit/domain/oncall/test_escalations.py",
        ),
        Mutant(
            "a step that was put further back is skipped",
            _STEPS,
            "found[place] = min(new_first + place - first, new_end, *waiting)",
            "found[place] = min(new_first + place - first, new_end)",
            "unit/domain/oncall/test_escalations.py",
        ),
        Mutant(
            "a process runs the steps that it knows",
            "application/alerts/maintenance.py",
            "        if due:\n            self.fleet.poll()\n",
            "",
            "unit/application/alerts/test_escalating.py",
        ),
        Mutant(
            "who comes on call is paged for a step that never ran",
            "application/alerts/handing_over.py",
            "if each.id in over or _has_reached(rota, each, coming)]",
            "if True]",
            _TIMELINES,
        ),
    ],
}
