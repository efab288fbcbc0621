"""Simulated hosts whose samples depend only on a seed, the host's number and the time.

Knows the hosts and their users, their daily and weekly load, outages, and faults such as leaks.
Start with `hosts`, then `courses` (what changes slowly) and `samples` (what a host reports).
"""
