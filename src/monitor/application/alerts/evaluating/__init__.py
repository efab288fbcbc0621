"""Compare samples with policies.

`alerting` does it for samples that arrive, `anew` for stored ones. `state_cache` holds the states between them, and
`firing` begins and ends alerts that no sample is compared for.
"""
