"""Every use case that commits something writes into the audit log, or is listed here with the reason why not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import monitor.application

UNAUDITED = {
    "AlertMaintenance": "alerts have their timelines",
    "ApplyConfiguration": "runs the use cases of the single changes, which write theirs",
    "ArchiveHistory": "moves history to where it is kept",
    "BeginPasskey": "what came of it is in the log",
    "BeginPasskeyLogin": "likewise",
    "BeginSignOn": "likewise",
    "CheckResults": "results have samples",
    "DeliverNotifications": "notifications have their own table",
    "DetectMissed": "alerts have their timelines",
    "DetectOffline": "alerts have their timelines",
    "FollowClocks": "alerts have their timelines",
    "EndDrills": "alerts have their timelines",
    "GroupAlerts": "incidents are made of alerts, which have their timelines",
    "HandOverRotas": "alerts have their timelines, and the mails their own table",
    "EncryptFactors": "what the secrets are stays",
    "EncryptSecrets": "what the secrets are stays",
    "EnsureDefaultPolicies": "is how a new store begins",
    "ExchangePeerUpdates": "what processes say to each other",
    "FinishSignOn": "takes back what was begun; who comes in is noted with the session",
    "KeepHistory": "deletes what the retention says, all the time",
    "LiveTicketOffice": "a ticket is good for half a minute, for what its owner may see anyway",
    "LoginLimits": "counts guesses; their failures and refusals are in the log",
    "MailInForce": "notes by itself that mail works, and the address that administrators use",
    "MakeRoom": "deletes what is too much of what one server sends, all the time",
    "PruneScrapes": "deletes what is needed no longer, all the time",
    "RecordPings": "pings have a table of their own",
    "ReportProcess": "what processes say of themselves",
    "ReturnHistory": "moves history back to where it was",
    "RunDueChecks": "results have samples",
    "SaveAgents": "what agents say of themselves is shown with their servers",
    "SaveKeyUse": "the last use of a key is shown with it",
    "SealHistory": "compresses samples",
    "StoreSamples": "samples have their own table",
    "TidyUp": "deletes what has expired",
    "TokenUses": "the last use of a token is shown with it",
    "VerifyPasskey": "what it is asked for is in the log",
    "WatchEpoch": "what processes say to each other",
    "WatchProcesses": "likewise",
}
Definition = ast.ClassDef | ast.FunctionDef


def definitions() -> Iterator[tuple[Definition, str]]:
    """Yield the classes and functions of the application, with their text."""
    for path in Path(monitor.application.__path__[0]).rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, Definition):
                yield node, ast.unparse(node)


ALL = list(definitions())
AUDITING = [node.name for node, text in ALL if isinstance(node, ast.FunctionDef) and "audit.add(" in text]
OF_OTHERS = "issuer.log_in("
"""Writes the entry of each way in."""
COMMITTING = {node.name: text for node, text in ALL if ".commit()" in text}


@pytest.mark.parametrize("name", COMMITTING)
def test_a_change_is_audited(name: str) -> None:
    text = COMMITTING[name]
    is_audited = (
        "audit.add(" in text
        or OF_OTHERS in text
        or any(re.search(rf"(?<![\w.]){function}\(", text) for function in AUDITING)
    )
    assert is_audited != (name in UNAUDITED)


def test_what_is_not_audited_exists() -> None:
    assert set() == UNAUDITED.keys() - COMMITTING.keys()
