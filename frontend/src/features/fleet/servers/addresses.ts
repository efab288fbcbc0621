const WIDTH = 4

/** An IP address as text for sorting: 10.0.0.9 before 10.0.0.10, and IPv4 before IPv6. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return `4${ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`
  const [head = '', tail] = ip.split('::')
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return `6${[...before, ...zeros, ...after].map((group) => group.padStart(WIDTH, '0')).join('')}`
}

function groups(written: string): string[] {
  return written === '' ? [] : written.split(':')
}
