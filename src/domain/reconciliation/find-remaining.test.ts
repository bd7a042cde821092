import { expect, test } from "vitest";
import { findRemaining } from "./find-remaining.ts";
import type { FindingClass } from "./finding-class.ts";

type Named = readonly [FindingClass, string];
type Row = readonly [
  finding: Named,
  found: readonly Named[],
  hasBegun: boolean,
  expected: Named | undefined,
  reason: string,
];

const ROWS: readonly Row[] = [
  [["edited_lines", "a"], [["edited_lines", "a"]], false, ["edited_lines", "a"], "it still holds"],
  [
    ["edited_lines", "a"],
    [["edited_lines", "b"]],
    false,
    undefined,
    "another line is another finding",
  ],
  [["edited_lines", "a"], [["missing_lines", "a"]], false, undefined, "somebody else removed it"],
  [
    ["edited_lines", "a"],
    [["missing_lines", "a"]],
    true,
    ["missing_lines", "a"],
    "it is half replaced",
  ],
  [
    ["edited_total", ""],
    [["voided_there", ""]],
    true,
    ["voided_there", ""],
    "the new one is to come",
  ],
  [["edited_total", ""], [["deleted", ""]], true, ["deleted", ""], "the new one is to come"],
  [["edited_total", ""], [["voided_there", ""]], false, undefined, "somebody else voided it"],
  [["status_missed", ""], [["voided_there", ""]], true, undefined, "it was only to be noted"],
  [["status_missed", ""], [["metadata_removed", ""]], true, undefined, "that is another finding"],
];

test.each(ROWS)("of %s, found %s, begun: %s, %s is left, because %s", (...row) => {
  const [finding, found, hasBegun, expected] = row;
  const named = ([name, subject]: Named) => ({ class: name, subject });
  const left = findRemaining(named(finding), found.map(named), hasBegun);
  expect(left).toEqual(expected && named(expected));
});
