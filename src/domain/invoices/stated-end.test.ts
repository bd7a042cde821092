import { expect, test } from "vitest";
import { instant, instantText } from "../time.ts";
import { statedEnd } from "./stated-end.ts";

test.each([
  ["2024-02-01T00:00:00Z", "2024-01-31T23:59:59Z", "the last day of January"],
  ["2024-03-01T00:00:00Z", "2024-02-29T23:59:59Z", "of a leap year's February"],
  ["2024-01-15T10:00:00Z", "2024-01-15T09:59:59Z", "a period may end in the middle of a day"],
  ["2024-01-15T10:00:00.5Z", "2024-01-15T10:00:00Z", "or in the middle of a second"],
])("until %s: %s, %s", (end, inclusive, reason) => {
  expect(instantText(statedEnd(instant(end), "inclusive")), reason).toBe(inclusive);
  expect(instantText(statedEnd(instant(end), "exclusive"))).toBe(end);
});
