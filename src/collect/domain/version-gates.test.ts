import { expect, test } from "vitest";
import { invoiceDefaults } from "./version-gates.ts";

test.each([
  ["2013-12-03", true, "include", "the founding guide's behaviour"],
  ["2018-11-07", true, "include", "the day before status came"],
  ["2018-11-08", false, "include", "no automatic advance"],
  ["2020-08-27", false, "include", "still pulls pending items"],
  ["2022-08-01", false, "exclude", "the gate itself"],
  ["2026-10-28.endive", false, "exclude", "named versions"],
])("%s: auto_advance %s, pending items %s (%s)", (version, autoAdvance, pendingItems) => {
  expect(invoiceDefaults(version)).toEqual({ autoAdvance, pendingItems });
});
