"""Alerts and incidents."""

from collections.abc import Sequence
from datetime import datetime

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.ports import AlertFilter
from monitor.application.hindsight.explaining import ExplainAlert
from monitor.application.incidents.answering import AcknowledgeIncident
from monitor.application.incidents.ports import IncidentFilter, ShownIncident
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, IncidentId, TimelineEntry
from monitor.domain.errors import NotFound
from monitor.domain.incidents.incidents import IncidentState
from monitor.domain.notifications.explanation import Answer
from monitor.library.asked import Group, Named, Person, aware

PAGE = 500


class Alerts(Group):
    """`core.alerts`: what fires and fired."""

    def list(
        self, state: AlertState | str | None = None, server: Named | None = None, limit: int = 1000
    ) -> list[Alert]:
        """Return the newest alerts that the actor sees, newest first. *state*: `firing`, `resolved` or `cancelled`.

        *server*: a server, with its checks, a check or a check-in. Raises NotFound, ValueError for another state.
        """
        wanted = AlertState(state) if state is not None else None
        server_id = None if server is None else self._found(server).id
        found: list[Alert] = []
        with self._working() as container:
            while len(found) < limit:
                before = found[-1].id if found else None
                most = min(PAGE, limit - len(found))
                asked = AlertFilter(state=wanted, server_id=server_id, before=before, limit=most)
                page = container.queries.alerts.newest(self.actor, asked)
                found += [each.alert for each in page]
                if len(page) < most:
                    break
        return found

    def get(self, alert: int | Alert) -> Alert:
        """Return an alert as it is now. Raises NotFound."""
        return self._with_timeline(alert)[0]

    def timeline(self, alert: int | Alert) -> Sequence[TimelineEntry]:
        """Return what happened to an alert, oldest first. Raises NotFound."""
        return self._with_timeline(alert)[1]

    def acknowledge(self, alert: int | Alert, note: str = "") -> Alert:
        """Say that somebody works on it: reminders and escalations stop. Raises NotFound, Forbidden, Conflict."""
        with self._working() as container:
            return container.get(AcknowledgeAlert)(self.actor, _id(alert), note)

    def explain(self, alert: int | Alert, user: Person | None = None, at: datetime | None = None) -> Answer:
        """Return why *user* (by default the actor) was notified of an alert, or not, *at* a moment; by default now, or
        when it ended. Raises NotFound, InvalidInput."""
        found = self.get(alert)
        person = self._person(self.actor.user_id if user is None else user)
        moment = None if found.is_open else found.resolved_at
        moment = moment if at is None else aware("at", at)
        with self._working() as container:
            explain = container.get(ExplainAlert)
            explained = explain(self.actor, found.server_id, found.metric, moment, found.kind)
        for each in explained.recipients:
            if isinstance(each.receiver, User) and each.receiver.id == person.id:
                return each.answer
        raise NotFound

    def _with_timeline(self, alert: int | Alert) -> tuple[Alert, Sequence[TimelineEntry]]:
        with self._working() as container:
            found, timeline = container.queries.alerts.get(self.actor, _id(alert))
        return found.alert, [each.seen_by(self.actor) for each in timeline]


class Incidents(Group):
    """`core.incidents`: alerts with one cause."""

    def list(self, *, ended: bool = False, limit: int = 100) -> list[ShownIncident]:
        """Return the newest incidents with something that the actor sees, newest first. *ended*: also those."""
        states = [each for each in IncidentState if ended or each is not IncidentState.ENDED]
        with self._working() as container:
            return container.queries.incidents.newest(self.actor, IncidentFilter(states=states, limit=limit))

    def acknowledge(self, incident: int | ShownIncident, note: str = "") -> Sequence[AlertId]:
        """Acknowledge all of its alerts that fire, and return their ids. Raises NotFound, Forbidden."""
        wanted = incident.incident.id if isinstance(incident, ShownIncident) else IncidentId(incident)
        with self._working() as container:
            return container.get(AcknowledgeIncident)(self.actor, wanted, note)


def _id(alert: int | Alert) -> AlertId:
    return alert.id if isinstance(alert, Alert) else AlertId(alert)
