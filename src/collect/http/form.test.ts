import { describe, expect, test } from "vitest";
import { canonicalForm, decodeForm, type Form, type FormValue } from "./form.ts";

const plain = (value: FormValue): unknown =>
  typeof value === "string"
    ? value
    : Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));

describe("decodeForm", () => {
  test.each<[string, unknown, string]>([
    ["", {}, "no body is no parameters"],
    ["a=1&b=x+y%26", { a: "1", b: "x y&" }, "plain pairs, decoded"],
    ["a[b][c]=1", { a: { b: { c: "1" } } }, "nested hashes"],
    ["a%5Bb%5D=1", { a: { b: "1" } }, "encoded brackets are brackets"],
    [
      "l[0][x]=1&l[0][y]=2&l[1][x]=3",
      { l: { 0: { x: "1", y: "2" }, 1: { x: "3" } } },
      "indexed lists",
    ],
    [
      "l[][x]=1&l[][y]=2&l[][x]=3",
      { l: { 0: { x: "1", y: "2" }, 1: { x: "3" } } },
      "open lists start anew on a repeated member",
    ],
    ["expand[]=a&expand[]=b", { expand: { 0: "a", 1: "b" } }, "open lists of texts"],
    ["a=1&a=2", { a: "2" }, "the last of two values counts"],
    ["metadata=", { metadata: "" }, "an empty value is kept"],
    [
      "a&&b=1=2&",
      { a: "", b: "1=2" },
      "a name alone is empty, the first = parts, empty pairs are none",
    ],
    ["__proto__[x]=1", { ["__proto__"]: { x: "1" } }, "no name is special"],
  ])("%s -> %j, because %s", (text, expected) => {
    expect(plain(decodeForm(text))).toEqual(expected);
  });

  test.each([
    ["a=1&a[b]=2", "a value cannot also be a hash"],
    ["a[b]=2&a=1", "nor a hash a value"],
    [`a${"[b]".repeat(8)}=1`, "nesting is bounded"],
    ["a[b=1", "brackets must close"],
    ["=1", "a parameter needs a name"],
    ["a=%00", "Postgres cannot keep a NUL"],
    ["a[%00]=1", "nor one in a name"],
    ["a=%", "a percent sign needs its two digits"],
    ["a=%C0%AF", "a slash in two bytes is no UTF-8"],
    ["a=%ED%A0%80", "half of a surrogate pair is no character"],
    ["%FF=1", "nor is this byte, in a name or a value"],
  ])("refuses %.40s, because %s", (text) => {
    expect(() => decodeForm(text)).toThrow();
  });
});

test("decodeForm refuses more pairs than any sensible request has", () => {
  const pairs = Array.from({ length: 20_001 }, (_, n) => `k${n}=1`);
  expect(() => decodeForm(pairs.join("&"))).toThrow("20000");
  expect(decodeForm(pairs.slice(1).join("&")).size).toBe(20_000);
});

test("canonicalForm does not depend on the order of pairs, but on every value", () => {
  const canonical = (text: string): string => canonicalForm(decodeForm(text) satisfies Form);
  expect(canonical("b=2&a[y]=1&a[x]=2")).toBe(canonical("a[x]=2&a[y]=1&b=2"));
  expect(canonical("a=1")).not.toBe(canonical("a=2"));
  expect(canonical("a[b]=1")).not.toBe(canonical("a=1"));
});
