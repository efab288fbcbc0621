/** The API writes times in UTC as `YYYY-MM-DD HH:MM:SS`. */
export function toDate(written: string): Date {
  return new Date(`${written.replace(' ', 'T')}Z`)
}

/** Epoch seconds. */
export function toSeconds(written: string): number {
  return toDate(written).getTime() / 1000
}

export function toWritten(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}
