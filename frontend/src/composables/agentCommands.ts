/** What a person runs on a host so that it reports to *origin* with *key*. */
export interface AgentCommands {
  /** Downloads the agent and installs it as a service. */
  install: string
  /** Where the `monitor` package is there already: the agent in the foreground. */
  run: string
}

export function agentCommands(origin: string, key: string): AgentCommands {
  return {
    install: `curl -fsSL ${origin}/agent/install.sh | sudo API_KEY=${key} sh`,
    run: `API_URL=${origin} API_KEY=${key} monitor agent`,
  }
}

/** Whether only this very machine reaches a server by that name. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
