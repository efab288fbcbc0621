/** Formats percents in every language, as e-mails do: "92.4 %". */
export const percent = (written: string | number) => `${written} %`

/** Shown in a field for percents. */
export const PERCENT_SIGN = '%'
