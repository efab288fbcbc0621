"""Mail to users and team mailboxes, through one SMTP server.

- `channel` is the kind of channel for team mailboxes.
- `smtp` sends a mail and decides whether a failure is final; `smtp_session` speaks the protocol.
- `message` builds the mail; `html` and `text` are its two bodies.
"""
