import type { Messages } from '../zh-CN'

const servers: Messages['servers'] = {
  install: {
    title: 'Install an agent', titleFor: 'Install an agent on {name}', make: 'Make a key and the command',
    intro: 'This makes a fresh key for this server, and one line that installs the agent. Keys made before stay good.',
    fleetIntro: 'This makes a fleet key: many hosts may share it, and each server is found by its IP address.',
    run: 'Run this on the host', needs: 'Needs root, curl and Python 3.9 or later. Run it again to update.',
    package: 'The monitor package is installed there', once: 'The key is shown this once.',
    fleetHint: 'Hosts that are not registered yet appear under “Unregistered hosts” once they report.',
    loopback: '{origin} can be reached from this machine only. For other hosts, open this page at an address that they reach.',
    waiting: 'Waiting for the first report…', waitingFleet: 'Waiting for a host to report with this key…', reporting: 'Reporting',
  },
}

export default servers
