/** Lets *most* of the works run at a time, in the order in which they came. */
export function turns(most: number) {
  const waiting: (() => void)[] = []
  let running = 0

  return async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

/** A long list asks for a few days of checks at a time, so that other requests get through. */
export const inTurn = turns(3)
