"""/api/servers, /api/api-keys, and the installation of agents. Begin with `servers`."""
