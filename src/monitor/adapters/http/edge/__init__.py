"""What holds for every request: connections, hosts, authentication, bodies, errors and languages."""
