"""/api/live: server-sent events. Begin with `hub`: each second it offers what changed to every `stream`."""
