"""A fleet that does not exist, for demonstrations and load tests.

All samples depend only on a seed, the number of a host, and the time.
`hosts` knows the hosts and their users, `courses` what changes slowly (load, outages, leaks), `samples` what a host
reports. `fleet` registers them; `history` writes what they reported until now, and `alerts` what that caused.
"""
