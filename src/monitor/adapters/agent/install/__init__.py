"""How the agent gets to a host.

`bundle` makes the agent one file, and `script` the installer for one server from `install.sh` and the systemd unit
`monitor-agent.service`.
"""
