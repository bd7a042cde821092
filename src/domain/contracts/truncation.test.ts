import { expect, test } from "vitest";
import { instant } from "../time.ts";
import { itemsBeyond, truncate } from "./truncation.ts";

const day = (date: string) => instant(`2024-${date}T00:00:00Z`);
const end = day("07-01");

test.each<[string, string | null, string, string]>([
  ["01-01", "06-30", "stays", "it ends before"],
  ["01-01", "07-01", "stays", "it ends with the contract"],
  ["01-01", "07-02", "cut", "a day is too much"],
  ["06-30", "12-31", "cut", "its last day is the contract's"],
  ["07-01", "12-31", "gone", "it would begin when the contract has ended"],
  ["01-01", null, "stays", "without an end of its own it follows the contract's"],
  ["08-01", null, "gone", "it would begin later"],
])("a term from %s to %s: %s, because %s", (start, ending, fate) => {
  const term = {
    id: "t",
    startingAt: day(start),
    endingBefore: ending === null ? null : day(ending),
  };
  const { gone, cut } = truncate([term], end);
  expect(gone.length > 0 ? "gone" : cut.length > 0 ? "cut" : "stays").toBe(fate);
});

test.each<[string, boolean, boolean, string]>([
  ["06-30", false, true, "before the end"],
  ["07-01", false, false, "the contract does not cover its end"],
  ["07-01", true, true, "it rides on the usage invoice that ends then"],
  ["07-02", true, false, "no usage invoice ends then"],
])(
  "an amount on %s, riding on usage: %j, is billed: %j, because %s",
  (at, ridesOnUsage, billed) => {
    const beyond = itemsBeyond([{ id: "i", at: day(at) }], end, { ridesOnUsage });
    expect(beyond).toEqual(billed ? [] : ["i"]);
  },
);
