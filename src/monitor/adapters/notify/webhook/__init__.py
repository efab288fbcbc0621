"""Alerts as JSON, posted to an address of the team's own.

The body is UTF-8. Times are RFC 3339 in UTC. Fields may be added; within a version no field changes its meaning:

    {
      "version": 1,
      "id": "5f0c…",                      # the same whenever the same message is sent again
      "sent_at": "2026-11-03T12:00:05Z",
      "test": false,                      # true for a test message; "items" is then empty
      "incident": {                       # that all items are about; null if there are several, or none yet
        "id": 7, "started_at": "…",
        "more": 0,                        # alerts that joined since the first message about it
        "text": "4 of 5 in rack-7; web-3 is healthy"   # "3 more in rack-7"; "" if there is nothing to say
      },
      "items": [
        {
          "event": "fired",               # fired, escalated, resolved, cancelled, reminded
          "at": "2026-11-03T12:00:00Z",
          "incident_id": 7,               # null until it has one
          "drill": false,                 # true: nothing is broken, somebody tries whom an alert reaches
          "alert": {
            "id": 12, "server_id": 3, "server_name": "web-1", "ip_address": "192.0.2.10",
            "metric": "cpu", "level": "critical", "state": "firing",
            "value": 92.4,                # the newest; of a closed alert the value at its end; null if there is none
            "peak_level": "critical", "peak_value": 97.0, "peak_at": "…",   # the worst since the alert fired
            "threshold": 85.0,            # null for "offline"
            "kind": "threshold",          # or "forecast", "range"
            "expected_at": null,          # when the line of a forecast reaches the threshold
            "policy_note": "",            # what to do, in Markdown; "" once the alert has ended
            "started_at": "…", "fired_at": "…", "resolved_at": null, "acknowledged_at": null,
            "processes": [{"name": "mysqld", "cpu": 88.1, "memory": 40.2}]
          },
          "note": "",
          "quiet": {                      # why it is sent although others are held; null for reminders and ends
            "why": "lasted",              # or "first", "second", "higher", "daily", "added_up"
            "held": 17, "held_from": "…", "held_longest": 720.0   # alerts that ended without a message; seconds
          },
          "link": "https://…",            # null if no address of this server is configured
          "ack_link": "https://…"         # acknowledges without a log-in; only in a person's own webhook
        }
      ],
      "turn": {                           # only in a person's own webhook, about turns on call; "items" is then empty
        "event": "on_call_soon",          # a day before; "handed_over" at the hand-over
        "at": "…", "rota": "nights", "on_call": "alice", "open_alerts": "web-1 cpu"   # "" if nothing is open
      }
    }

The alert of a check also has "check_id", "target" (of a URL only scheme, host and port), and "failure", which says why
the last run that failed did; that of a check-in has "check_in_id". "server_id" then is the server that it belongs to,
or null: where there is none, and once it is deleted. Of "check_in", "up", units, containers and arrays the values are 0
and 1.

Headers: `X-Monitor-Delivery` is the id, so that a receiver can skip repeats. If the channel has a secret, there are
also `X-Monitor-Timestamp` (seconds since the epoch, of this attempt) and `X-Monitor-Signature: sha256=<hex>`, the
HMAC-SHA256 under the secret of the timestamp, a full stop and the body. A receiver compares the signature in constant
time and refuses timestamps older than some minutes.

Any 2xx is success. 408, 425, 429, 5xx and no answer are retried. Everything else, redirects included, is final.
"""
