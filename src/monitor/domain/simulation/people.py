"""The people of a simulated company, who look after the hosts."""

from dataclasses import dataclass

from monitor.domain.simulation.hosts import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """*tag* is on the servers that are theirs."""

    username: str
    email: str
    tag: str
    locale: str

    def looks_after(self, host: Host) -> bool:
        return self.tag in host.tags


def _person(username: str, tag: str, locale: str = "en") -> Person:
    return Person(username=username, email=f"{username}@example.com", tag=tag, locale=locale)


PEOPLE = (
    _person("anna", "web"),
    _person("bruno", "db"),
    _person("chen.wei", "sha", "zh-CN"),
    _person("dana", "build"),
    _person("emil", "fra"),
    _person("fatima", "staging"),
)
