type Importer = (address: string) => Promise<unknown>

const ADDRESS = /https?:\/\/\S+?\.js/
const again = new Map<string, Promise<unknown>>()
const failed = new Map<string, number>()

/**
 * Loads code, also a file that could not be fetched before. Some browsers remember the failure of an address until the
 * page is reloaded, so a later attempt asks for the same file at another one. Files that it imports keep their addresses.
 */
export async function loadAgain<T>(
  load: () => Promise<T>,
  importFrom: Importer = (address) => import(/* @vite-ignore */ address),
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const address = ADDRESS.exec(String(error))?.[0]
    if (address === undefined) throw error
    const known = again.get(address)
    if (known !== undefined) return known as Promise<T>
    const attempts = failed.get(address) ?? 0
    failed.set(address, attempts + 1)
    if (attempts === 0) throw error
    const module = importFrom(`${address}?attempt=${attempts}`)
    again.set(address, module) // at once, so that callers share one instance
    module.catch(() => again.delete(address))
    return module as Promise<T>
  }
}
