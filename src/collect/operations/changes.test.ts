import { expect, test } from "vitest";
import { previousAttributes } from "./changes.ts";

test.each<[object, object, object | undefined, string]>([
  [{ a: 1 }, { a: 1 }, undefined, "nothing changed"],
  [{ a: 1, b: 2 }, { a: 1, b: 3 }, { b: 2 }, "only what changed is named, with its old value"],
  [{ a: null }, { a: "x" }, { a: null }, "what was not set is null"],
  [{}, { a: "x" }, { a: null }, "what is new is null"],
  [{ h: { x: 1, y: 2 } }, { h: { x: 1, y: 3 } }, { h: { y: 2 } }, "hashes by member"],
  [{ m: {} }, { m: { k: "v" } }, { m: { k: null } }, "a new member of a hash is null"],
  [{ m: { k: "v" } }, { m: {} }, { m: { k: "v" } }, "a member that is gone has its old value"],
  [{ l: [1, 2] }, { l: [1] }, { l: [1, 2] }, "lists as a whole"],
  [{ h: { x: 1 } }, { h: null }, { h: { x: 1 } }, "a hash that is gone as a whole"],
])("from %j to %j: %j, because %s", (before, after, expected) => {
  expect(previousAttributes(before, after)).toEqual(expected);
});
