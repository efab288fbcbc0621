/** *text* with plain spaces, as specs write values: those before units do not break. */
export const spaced = (text: string) => text.replaceAll('\u00a0', ' ')
