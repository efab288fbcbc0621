"""Probes of checks: what each kind asks of its target, through guarded connections alone.

- `kinds` runs the probe of a check's kind and times it.
- `http`, `tcp` (also TLS), `ping` and `dns` each hold one way to ask.
- `outcomes` holds what they return, and how a certificate is read.
"""
