import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { instantText } from "../time.ts";
import { addOffsets, type Offset } from "./offset.ts";

const months = (value: number): Offset => ({ value, unit: "MONTHS" });

test.each<[string, Offset[], string, string]>([
  ["2024-01-15", [], "2024-01-15", "nothing"],
  ["2024-01-15", [{ value: 0, unit: "DAYS" }], "2024-01-15", "an offset of 0"],
  ["2024-01-15", [{ value: 10, unit: "DAYS" }], "2024-01-25", "days"],
  ["2024-01-15", [{ value: 2, unit: "WEEKS" }], "2024-01-29", "weeks of 7 days"],
  ["2024-01-15", [{ value: 1, unit: "YEARS" }], "2025-01-15", "a year, not 365 days"],
  ["2024-01-31", [months(1)], "2024-02-29", "a missing day becomes the last of its month"],
  ["2024-01-31", [months(1), months(1)], "2024-03-31", "stretches add up before they are counted"],
  ["2024-02-29", [{ value: 1, unit: "YEARS" }], "2025-02-28", "a leap day has no twin"],
  ["2024-01-31", [months(1), { value: 1, unit: "DAYS" }], "2024-03-01", "months before days"],
  ["2024-01-31", [{ value: 1, unit: "DAYS" }, months(1)], "2024-03-01", "in whatever order"],
])("%s and %j is %s, because %s", (from, offsets, expected, _reason) => {
  expect(instantText(addOffsets(at(from), ...offsets)).slice(0, 10)).toBe(expected);
});
