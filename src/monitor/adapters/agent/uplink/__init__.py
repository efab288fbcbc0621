"""How samples get to the server.

`sender` decides which samples go out when. It keeps those that must wait in `backlog`, which writes them to a `spool`
on disk, and hands a `client.Delivery` to the thread that sends. `outcomes` says what the server's answer means, and
what repeated failures change: the pauses and the log.
"""
