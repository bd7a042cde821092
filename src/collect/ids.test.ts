import { expect, test } from "vitest";
import { newId } from "./ids.ts";

test("ids have their prefix, are unique, and sort in the order they were made", () => {
  const ids = Array.from({ length: 5000 }, () => newId("cus"));
  expect(ids[0]).toMatch(/^cus_[0-9A-Za-z]{24}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
});
