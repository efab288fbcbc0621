"""/api/dependencies/suggestions: what the history suggests depends on what."""

from litestar import Response, get

from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import encoded, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.dependencies import Dependency, shown_parents
from monitor.application.fleet.fleet import Fleet
from monitor.application.hindsight.backtest import Backtests
from monitor.application.incidents.suggesting import SuggestDependencies
from monitor.domain.accounts.actors import Actor
from monitor.domain.incidents.suggestions import Suggestion


class DependencySuggestionOut(Dependency, frozen=True, kw_only=True, omit_defaults=True):
    """*together*: how often it went down within two minutes of what it would depend on, while that was down. *alone*:
    how often without that. *pages_removed*: notifications that nobody would have got. *useful_lost*: alerts among
    *together* that lasted longer than the other's, or that somebody called useful."""

    depends_on: Dependency
    together: int
    alone: int
    pages_removed: int
    useful_lost: int


@get("/dependencies/suggestions", tags=("alerts",), sync_to_thread=True)
def suggestions(
    actor: Part[Actor], suggest: Part[SuggestDependencies], fleet: Part[Fleet], backtests: Part[Backtests]
) -> Response[Envelope[list[DependencySuggestionOut]]]:
    """What seems to depend on what, by the outages of the last 90 days, of what the caller may change: at most 200, the
    most useful first. It counts as a backtest."""
    visible = fleet.visible_to(actor)

    def show(found: Suggestion) -> DependencySuggestionOut:
        [child], [parent] = (shown_parents([each], visible) for each in (found.child, found.parent))
        return shown(
            DependencySuggestionOut,
            found,
            server_id=child.server_id,
            check_id=child.check_id,
            name=child.name,
            depends_on=parent,
        )

    with backtests.room_for(actor):
        return encoded([show(each) for each in suggest(actor)])
