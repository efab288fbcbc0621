import { getSome } from '@/api/servers'
import type { Server } from '@/api/types'
import { csvCell, download } from '@/composables/download'

const COLUMNS = ['server_name', 'ip_address', 'port', 'tags', 'users']

/** Byte order mark: without it spreadsheets assume an old encoding. The server's import skips it. */
const BYTE_ORDER_MARK = '\uFEFF'

/** In the format of the server's export, so that its import accepts it. */
export function serversCsv(servers: Pick<Server, 'server_name' | 'ip_address' | 'port' | 'tags' | 'users'>[]): string {
  const lines = servers.map((server) => [
    server.server_name,
    server.ip_address,
    server.port,
    joined([...server.tags].sort()),
    joined(server.users.map((user) => user.username).sort()),
  ])
  return [COLUMNS, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

/** Quotes a name that contains ";" inside its cell. */
function joined(names: string[]): string {
  return names.map((name) => (/[";\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(';')
}

export function downloadCsv(name: string, csv: string): void {
  download(name, BYTE_ORDER_MARK + csv, 'text/csv;charset=utf-8')
}

/** *tell* hears how many rows were fetched. */
export async function downloadServers(ids: number[], tell: (count: number) => void): Promise<void> {
  downloadCsv('servers.csv', serversCsv(await getSome(ids, tell)))
}

/** An example file. Its address is reserved for documentation (RFC 5737). */
export const TEMPLATE = serversCsv([
  { server_name: 'web-1', ip_address: '192.0.2.10', port: 22, tags: ['prod', 'web'], users: [] },
])
