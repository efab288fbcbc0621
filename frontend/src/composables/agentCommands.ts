/** For hosts with the `monitor` package: runs the agent in the foreground, with its key in a file. */
export function runCommand(address: string): string {
  return `API_URL=${address} API_KEY_FILE=monitor-agent.key monitor agent`
}

/** True if only this machine can reach a server by that name. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
