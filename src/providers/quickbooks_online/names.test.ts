import { expect, test } from "vitest";
import { cut, toName } from "./names.ts";

test.each([
  ["abc", 3, "abc", "it fits"],
  ["abcd", 3, "abc", "one too many"],
  ["ab cd", 3, "ab", "no blank is left at the end"],
  ["a\u{1F600}\u{1F600}", 3, "a\u{1F600}", "two halves fit, and the second pair does not"],
  ["a\u{1F600}\u{1F600}", 4, "a\u{1F600}", "half of a character is none"],
])("%j cut to %d is %j: %s", (text, max, expected) => {
  expect(cut(text, max)).toBe(expected);
});

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
