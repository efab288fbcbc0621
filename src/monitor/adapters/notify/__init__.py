"""Notifications on their way out: by mail, webhook or chat.

- `kinds` lists the kinds of channels.
- `mail`, `webhook`, `pushover`, `apprise` and `web_push` each hold one way out, the last one for people alone.
- `posting` sends what goes by HTTP.
- `wording` writes the texts and draws the charts that all of them send.

They ask for a `Message` (`application.notifications.sender_ports`) and return a `SendResult`.
"""
