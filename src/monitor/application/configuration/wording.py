"""The comments of an exported file."""

HEAD = """\
Configuration of monitor. `monitor plan FILE` says what a changed file would do, `monitor apply FILE` does it.

There are no ids: names and addresses say what is meant. To rename something and change it too, write
`was: OLD NAME` beside its new name. A section that is left out stays as it is; one without entries is emptied.
Durations are in seconds, times in UTC. Secrets are not here, and stay as they are."""

COMMENTS = {
    "checks": "What this server asks of addresses. A password in a URL is shown as ***, and stays.",
    "check_ins": "Jobs that report that they ran. The address to ping stays the same when one is renamed.",
    "channels": "Where notifications go besides people's mailboxes. Secrets may be written here, but never are.",
    "teams": "People who see the same servers. Those of an `oidc_group` come and go as they log in.",
    "policies": (
        "When a metric fires. Of several, the one for a server or check applies, then one for a tag (the oldest),\n"
        "then one for everything. `enabled: false` switches a metric off."
    ),
    "silences": "Times without notifications, unless they are over.",
    "tags": "Tags of servers, by server.",
}
