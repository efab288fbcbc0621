/** A problem of a line: `line 3.port`, or `line 3` for the whole line. */
export interface LineProblem {
  line: number | null
  column: string
  why: string
}

/** In the order of the file. Problems of the whole file are first. */
export function lineProblems(fields: Record<string, string>): LineProblem[] {
  return Object.entries(fields)
    .map(([name, why]) => {
      const [, line, column] = /^line (\d+)(?:\.(.+))?$/.exec(name) ?? []
      return { line: line === undefined ? null : Number(line), column: column ?? (line === undefined ? name : ''), why }
    })
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0))
}
