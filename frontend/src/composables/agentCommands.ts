/** Where the `monitor` package is there already: the agent in the foreground, its key in a file beside. */
export function runCommand(address: string): string {
  return `API_URL=${address} API_KEY_FILE=monitor-agent.key monitor agent`
}

/** Whether only this very machine reaches a server by that name. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
