import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { assert } from "../../errors.ts";
import { instantText } from "../time.ts";
import { addOffset, readOffset } from "./offset-duration.ts";

test.each<[string, string, string, string]>([
  ["2024-01-15", "PT0S", "2024-01-15T00:00:00Z", "nothing"],
  ["2024-01-15", "P1D", "2024-01-16T00:00:00Z", "a day after"],
  ["2024-01-15", "+P1D", "2024-01-16T00:00:00Z", "a plus changes nothing"],
  ["2024-01-15", "-P7D", "2024-01-08T00:00:00Z", "a week before, over no edge"],
  ["2024-01-15", "P-7D", "2024-01-08T00:00:00Z", "the minus may stand before the number"],
  ["2024-01-15", "-PT2H", "2024-01-14T22:00:00Z", "hours before midnight"],
  ["2024-01-15", "-P3DT12H", "2024-01-11T12:00:00Z", "one minus for all parts"],
  ["2024-01-15", "P-3DT-12H", "2024-01-11T12:00:00Z", "or one for each"],
  ["2024-01-15", "P2W", "2024-01-29T00:00:00Z", "weeks of 7 days"],
  ["2024-01-31", "P1M", "2024-02-29T00:00:00Z", "a missing day becomes the last of its month"],
  ["2024-03-31", "-P1M", "2024-02-29T00:00:00Z", "backwards too"],
  ["2023-03-31", "-P1M", "2023-02-28T00:00:00Z", "which is the 28th in other years"],
  ["2024-02-29", "P1Y", "2025-02-28T00:00:00Z", "a leap day has no twin"],
  ["2024-01-31", "P1M1D", "2024-03-01T00:00:00Z", "months before days"],
  ["2024-03-31", "-P1M1D", "2024-02-28T00:00:00Z", "months before days, backwards too"],
  ["2024-03-30T12", "P1D", "2024-03-31T12:00:00Z", "UTC has no day of 23 hours"],
])("%s and %s is %s, because %s", (from, text, expected, _reason) => {
  const offset = readOffset(text);
  assert(offset !== undefined, `${text} is an offset`);
  expect(instantText(addOffset(at(from), offset))).toBe(expected);
});

test.each([
  ["", "it is empty"],
  ["P", "it has no part"],
  ["PT", "it has no part"],
  ["P1DT", "its time has no part"],
  ["1D", "it has no P"],
  ["p1d", "letters are in upper case"],
  ["P1.5D", "days are whole"],
  ["PT0.5H", "hours are whole"],
  ["P1D-T2H", "its signs differ"],
  ["P-1DT2H", "its signs differ"],
  ["-P-1D", "it has two signs"],
  ["P1D1M", "its parts are out of order"],
  ["P101Y", "it is longer than 100 years"],
  ["-P101Y", "it is longer than 100 years"],
  ["P99999999999999999999D", "no calendar reaches that far"],
  ["7 days", "it is no duration"],
])("%s is refused, because %s", (text, _reason) => {
  expect(readOffset(text)).toBeUndefined();
});
