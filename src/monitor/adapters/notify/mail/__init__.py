"""Mail to users and team mailboxes, through one SMTP server.

- `channel` is the kind of channel for team mailboxes.
- `smtp` speaks the protocol with a `server`, and decides whether a failure is final.
- `message` builds the mail, `bodies` its text and HTML.
"""
