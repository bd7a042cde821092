/** A page is as many rows as have about so many characters. */
const PAGE_LENGTH = 8 * 1024 * 1024;
const MOST_ROWS = 5000;
const LEAST_ROWS = 20;

/** The first page is small: nobody knows yet how large its rows are. */
export const FIRST_PAGE_ROWS = 500;

/** How many rows the next page has, after one of so many rows with so many characters. Pure. */
export function rowsOfNextPage(
  limit: number,
  { rows, length }: { readonly rows: number; readonly length: number },
): number {
  if (rows === 0) return limit;
  const fitting = Math.floor((rows * PAGE_LENGTH) / Math.max(length, 1));
  return Math.min(Math.max(fitting, LEAST_ROWS), MOST_ROWS);
}
