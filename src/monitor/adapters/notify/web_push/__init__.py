"""Pushes to the browsers of people (RFC 8030), which keep them while the page is closed.

- `vapid` derives this server's keys, and signs requests with them (RFC 8292).
- `encryption` encrypts a message for one browser (RFC 8291).
- `channel` is the kind of way: what a subscription consists of, and how a message is sent.
"""
