import { expect, test } from "vitest";
import type { Cell } from "./column.ts";
import { csvHeader, toCsv } from "./csv.ts";

test.each<[Cell, string, string]>([
  ["plain", "plain", "nothing needs quotes"],
  [null, "", "nothing is an empty field"],
  ["", '""', "an empty text is not nothing"],
  ['say "hi"', '"say ""hi"""', "quotes are doubled"],
  ["a,b", '"a,b"', "a comma would begin a field"],
  ["a\nb", '"a\nb"', "a line break would begin a row"],
  ["0.000000000000000000001", "0.000000000000000000001", "a decimal keeps its digits"],
  [false, "false", "a boolean is a word"],
  [12345678901234567890n, "12345678901234567890", "an integer keeps its digits"],
])("%s is %s: %s", (cell, field) => {
  expect(toCsv([[cell, "x"]])).toBe(`${field},x\r\n`);
});

test("the header names the columns", () => {
  const columns = [
    { name: "id", type: "text" },
    { name: "total", type: "decimal" },
  ] as const;
  expect(csvHeader(columns)).toBe("id,total\r\n");
});
