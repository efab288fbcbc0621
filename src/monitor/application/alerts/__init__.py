"""What fires, and what users do about it.

Open `evaluating` first: its `alerting` compares samples with policies (`sample_rules`, `series_models`) and follows the
states of pending and firing alerts (`state_cache`). `offline` finds hosts offline, `evaluating.firing` and `announcing`
write every change of an alert with its timeline and its notifications, and `maintenance` sends reminders. `ports` names
the storage.

`domain.alerts.engine` decides when an alert fires or resolves.
"""
