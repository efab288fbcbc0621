/** The one way to write percents, in every language and as in mails: "92.4 %". */
export const percent = (written: string | number) => `${written} %`

/** Beside a field that takes them. */
export const PERCENT_SIGN = '%'
