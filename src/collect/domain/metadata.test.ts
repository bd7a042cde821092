import { expect, test } from "vitest";
import { mergeMetadata } from "./metadata.ts";

type Texts = Record<string, string>;

test.each<[Texts, Texts | null | undefined, Texts, string]>([
  [{ a: "1" }, undefined, { a: "1" }, "nothing given keeps everything"],
  [{ a: "1" }, { b: "2" }, { a: "1", b: "2" }, "keys not named are kept"],
  [{ a: "1", b: "2" }, { a: "3" }, { a: "3", b: "2" }, "named keys are replaced"],
  [{ a: "1", b: "2" }, { a: "" }, { b: "2" }, "an empty value deletes its key"],
  [{ a: "1" }, null, {}, "unset empties all"],
  [{}, { a: "" }, {}, "an empty value is never kept"],
])("%j changed by %j is %j, because %s", (current, change, expected) => {
  expect(mergeMetadata(current, change)).toEqual(expected);
});
