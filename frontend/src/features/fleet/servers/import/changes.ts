import type { ImportLine, Server } from '@/api/types'

interface FieldChange {
  field: string
  before: string
  after: string
}

type Written = Record<string, string>

function written(server: Server): Written {
  return {
    server_name: server.server_name,
    port: String(server.port),
    tags: [...server.tags].sort().join(', '),
    users: server.users
      .map((user) => user.username)
      .sort()
      .join(', '),
  }
}

/** The changes of a line. *before*: the current server. */
export function fieldChanges(line: ImportLine, before: Server | undefined): FieldChange[] {
  const now = before === undefined ? {} : written(before)
  const then = written(line.server)
  return line.changes.map((field) => ({ field, before: now[field] ?? '', after: then[field] ?? '' }))
}
