import { expect, test } from "vitest";
import { at, item } from "../../../test/support/sample-snapshot.ts";
import { instantText } from "../time.ts";
import { dropsItems, endOfFollowed, itemsToDrop } from "./transition.ts";

test.each<[string | null, string, string]>([
  [null, "2024-07-01", "an open-ended contract ends with the new start"],
  ["2025-01-01", "2024-07-01", "a longer one is cut"],
  ["2024-07-01", "2024-07-01", "one that ends there stays"],
  ["2024-06-01", "2024-06-01", "one that has ended before is not prolonged"],
])(
  "a contract until %s that is followed from July on ends on %s, because %s",
  (end, expected, _reason) => {
    const ended = endOfFollowed(end === null ? null : at(end), at("2024-07-01"));
    expect(instantText(ended).slice(0, 10)).toBe(expected);
  },
);

test("what is dated from the new start on goes, less what is invoiced", () => {
  const items = ["2024-06-30", "2024-07-01", "2024-08-01", "2024-09-01"].map((on) =>
    item(on, "100", on),
  );
  const dropped = itemsToDrop(items, at("2024-07-01"), new Set(["2024-08-01"]));
  expect(dropped.map(({ id }) => id)).toEqual(["2024-07-01", "2024-09-01"]);
});

test.each([
  ["RENEWAL", "AS_IS", false, false],
  ["RENEWAL", "REMOVE", false, true],
  ["SUPERSEDE", "AS_IS", true, false],
  ["SUPERSEDE", "REMOVE", true, true],
] as const)("%s with true-ups %s drops charges: %s, true-ups: %s", (type, trueUps, ...expected) => {
  const transition = { type, trueUps };
  expect([
    dropsItems(transition, "charges and purchases"),
    dropsItems(transition, "true-ups"),
  ]).toEqual(expected);
});
