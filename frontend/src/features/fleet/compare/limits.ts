/** How many servers are compared. */
export const LEAST = 2
export const MOST = 10
