import { expect, test } from "vitest";
import { atMost } from "./at-most.ts";

test("two at a time for each key, in order, also after one that fails", async () => {
  const gate = atMost(2);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const work = (key: string, name: string) =>
    gate.run(key, () => {
      begun.push(name);
      const end = Promise.withResolvers<void>();
      ends.set(name, end);
      return end.promise;
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const all = [work("a", "1"), work("a", "2"), work("a", "3"), work("a", "4"), work("b", "5")];
  const outcomes = Promise.allSettled(all);
  await settle();
  expect(begun).toEqual(["1", "2", "5"]);
  ends.get("2")?.reject(new Error("failed"));
  await settle();
  expect(begun).toEqual(["1", "2", "5", "3"]);
  for (const name of ["1", "3", "5"]) ends.get(name)?.resolve();
  await settle();
  expect(begun).toEqual(["1", "2", "5", "3", "4"]);
  ends.get("4")?.resolve();
  expect((await outcomes).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  expect(await gate.run("a", async () => "again")).toBe("again");
});
