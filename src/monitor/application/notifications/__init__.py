"""Channels, recipients, and the delivery of the outbox.

Alerts write notifications into the outbox; this package empties it. The way of a notification: `dispatcher` (threads)
claims and hands over, `delivery` decides and stores the result, `messages` writes the message, and a `Mailer` or
`ChannelSender` (see `ports`) sends it. `recipients` says who is notified, `channels` manages channels.
"""
