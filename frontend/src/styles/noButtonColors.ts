/**
 * Stands in for the library's colour arithmetic, a twentieth of the first load: it is there for buttons that are given
 * a colour of their own, and ours take theirs from the tokens.
 */
export class TinyColor {
  constructor(colour: unknown) {
    throw new Error(`a button takes no colour of its own: ${String(colour)}`)
  }
}
