/** Between a value and its unit: a line does not break there. */
export const TIE = '\u00a0'

/** Formats percents in every language, as e-mails do: "92.4 %". */
export const percent = (written: string | number) => `${written}${TIE}%`

/** Shown in a field for percents. */
export const PERCENT_SIGN = '%'
