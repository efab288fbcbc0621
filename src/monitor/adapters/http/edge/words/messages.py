"""What the API says, in the language of the request."""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from monitor.adapters.http.edge.words.report_sentences import REPORT
from monitor.adapters.http.edge.words.sentences import COUNTED, PAGES, PROBLEMS, REASONS, SUCCESS
from monitor.domain.accounts.users import LOCALES
from monitor.domain.errors import Problem
from monitor.domain.intake.metrics import metric_name

_language: ContextVar[int] = ContextVar("language", default=0)

SENTENCES = (
    SUCCESS
    | REASONS
    | PAGES
    | REPORT
    | {f"problem.{code}": said for code, said in PROBLEMS.items()}
    | {f"counted.{what}": said for what, said in COUNTED.items()}
)
"""All of them, by a key of their own: Chinese and English."""
_MENTIONED = 3


def use_language(accept_language: str) -> None:
    """Set the language for the rest of this request: English if it is preferred to Chinese."""
    _language.set(_asked(accept_language) or 0)


def asked_locale(accept_language: str) -> str | None:
    """Return the locale that is asked for; None if it is none of ours."""
    rank = _asked(accept_language)
    return None if rank is None else LOCALES[rank]


def _asked(accept_language: str) -> int | None:
    if not accept_language:  # from agents
        return None
    ranked = sorted(_weighted(accept_language), key=lambda pair: -pair[1])
    return next((rank for tag, _ in ranked if (rank := _rank(tag)) is not None), None)


def _weighted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(",")[:20]:
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value for name, _, value in (p.partition("=") for p in parameters) if name == "q"), "1")
        try:
            weight = float(quality)
        except ValueError:
            continue
        if weight > 0:  # 0 excludes a language (RFC 9110, section 12.4.2)
            yield tag, weight


def _rank(tag: str) -> int | None:
    return {"zh": 0, "en": 1}.get(tag.split("-")[0])


def language() -> str:
    return LOCALES[_language.get()]


def page(key: str, **params: object) -> str:
    """Return a text of the pages outside of the screen."""
    return (PAGES.get(key) or REPORT[key])[_language.get()].format(**params)


def metric(name: str) -> str:
    """Return the name of a metric as inside a sentence."""
    return metric_name(name, _language.get())


def success(key: str) -> str:
    return SUCCESS[key][_language.get()]


def failure(reason: str, fields: Mapping[str, str] | None = None) -> str:
    """Return the sentence for *reason*, with the first few *fields* and their problems."""
    chosen = _language.get()
    sentence = REASONS.get(reason, REASONS["internal"])[chosen]
    if not fields:
        return sentence
    colon, comma = (("：", "；"), (": ", "; "))[chosen]
    return sentence + colon + comma.join(f"{name} {why}" for name, why in list(fields.items())[:_MENTIONED])


def quota(reason: str, what: str, limit: int) -> str:
    """Return the sentence for a *reason* about the *limit* of *what* each user may have."""
    chosen = _language.get()
    if (reason, what) == ("quota_reached", "tokens"):  # nobody else can create them
        reason = "own_quota_reached"
    setting = f"MONITOR_MAX_{what.upper()}"
    return REASONS[reason][chosen].format(what=COUNTED[what][chosen], limit=limit, setting=setting)


def team_tag(tag: str) -> str:
    return REASONS["team_tag"][_language.get()].format(tag=tag)


def problem(found: Problem) -> str:
    params = {name: problem(value) if isinstance(value, Problem) else value for name, value in found.params.items()}
    return PROBLEMS[found.code][_language.get()].format(**params)
