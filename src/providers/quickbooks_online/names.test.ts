import { expect, test } from "vitest";
import { toName } from "./names.ts";

test.each([
  ["Brand: New\tInc", "Brand New Inc"],
  ["A::\r\nB", "A B"],
  [" : ", "Unnamed (0123abcd)"],
  ["n".repeat(100), "n".repeat(100)],
  ["n".repeat(101), `${"n".repeat(89)} (0123abcd)`],
])("%j is called %j", (text, expected) => {
  expect(toName(text, "0123abcd-4567")).toBe(expected);
});

test("names that differ behind their first hundred characters, or in nothing that is kept, stay apart", () => {
  const names = [
    toName(`${"n".repeat(100)}A`, "11111111-1"),
    toName(`${"n".repeat(100)}B`, "22222222-2"),
  ];
  expect(names[0]).not.toBe(names[1]);
  expect(toName(":", "11111111-1")).not.toBe(toName("\t", "22222222-2"));
});
