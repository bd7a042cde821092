import { expect, test } from "vitest";
import { FIRST_PAGE_ROWS, rowsOfNextPage } from "./rows-of-page.ts";

test.each([
  [{ rows: 500, length: 150_000 }, 5000, "small rows: as many as a page ever has"],
  [{ rows: 500, length: 5_000_000 }, 838, "10,000 characters each: 8,388,608 divided by it"],
  [{ rows: 500, length: 32_768_000 }, 128, "65,536 characters each"],
  [{ rows: 5, length: 10_000_000 }, 20, "2,000,000 each: some still, or it would take for ever"],
  [{ rows: 0, length: 0 }, FIRST_PAGE_ROWS, "an empty page tells nothing"],
  [{ rows: 500, length: 0 }, 5000, "rows without any text"],
])("after %j come %i rows, because: %s", (page, limit) => {
  expect(rowsOfNextPage(FIRST_PAGE_ROWS, page)).toBe(limit);
});
