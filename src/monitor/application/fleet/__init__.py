"""Administration of servers and keys, and the fleet that each process keeps in memory.

Begin with `servers` for the use cases, with `fleet` and `directory` for the fleet in memory. `batches` and
`server_csv` change many servers at once. `ports` says what storage has to provide.
"""
