"""Channels, and the outbox of notifications.

- `outbox`: a notification, its states, whether it is still worth sending, and when a failed one is sent again.
- `channels`: where notifications go besides users' mailboxes, and what each kind of channel asks for.
"""
