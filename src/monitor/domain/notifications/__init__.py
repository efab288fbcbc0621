"""Channels, and the outbox of notifications.

- `outbox`: a notification, its states, and whether it is still worth sending.
- `retries`: when a failed notification is sent again, and when it is given up.
- `channels`: where notifications go besides users' mailboxes, and what each kind of channel asks for.
"""
