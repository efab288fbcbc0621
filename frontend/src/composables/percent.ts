/** Between a value and its unit: a line does not break there. */
export const TIE = '\u00a0'

/** Formats percents in every language, as e-mails do: "92.4 %". */
export const percent = (written: string | number) => `${written}${TIE}%`

/** Shown in a field for percents. */
export const PERCENT_SIGN = '%'

/** A part as a number of percents: 0.07 × 100 is a little more than 7. */
export const inPercent = (part: number) => Math.round(part * 1e6) / 1e4
