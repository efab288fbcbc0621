"""Configuration as a file: what it holds, how it is written and read without ids, and what another file would change.

`sections` says what a section has, `references` how things are called, `writing` and `reading` turn a `Configuration`
into a tree of plain values and back, `changes` compares two, and `paging` says who is notified of the alerts of a
history.
"""
