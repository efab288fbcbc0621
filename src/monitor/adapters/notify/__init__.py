"""Notifications on their way out: by mail, webhook or chat.

- `kinds` lists the kinds of channels.
- `mail`, `webhook` and `apprise` each hold one way out.
- `wording` writes the texts and draws the charts that all of them send.

They ask for a `Message` (`application.notifications.ports`) and return a `SendResult`.
"""
