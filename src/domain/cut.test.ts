import { expect, test } from "vitest";
import { cut } from "./cut.ts";

test.each([
  ["abc", 3, "abc", "it fits"],
  ["abcd", 3, "abc", "one too many"],
  ["ab cd", 3, "ab", "no blank is left at the end"],
  ["a\u{1F600}\u{1F600}", 3, "a\u{1F600}", "two halves fit, and the second pair does not"],
  ["a\u{1F600}\u{1F600}", 4, "a\u{1F600}", "half of a character is none"],
])("%j cut to %d is %j: %s", (text, max, expected) => {
  expect(cut(text, max)).toBe(expected);
});
