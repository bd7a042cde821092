import { expect, test } from "vitest";
import { type AutomaticallyTaxed, automaticTaxStatus } from "./automatic-tax.ts";

const untaxed = {
  enabled: true,
  hasTaxes: false,
  hasLines: true,
  totalMinor: 100n,
  country: "US",
  hasFailed: false,
};

test.each<[string, Partial<AutomaticallyTaxed>, ReturnType<typeof automaticTaxStatus>]>([
  ["nobody asked for tax", { enabled: false }, null],
  ["the tax app has not answered yet", {}, null],
  ["nobody could compute it", { country: null }, "requires_location_inputs"],
  ["the tax app has answered", { hasTaxes: true }, "complete"],
  ["what is computed is computed", { hasTaxes: true, country: null }, "complete"],
  ["there is nothing to tax", { totalMinor: 0n }, "complete"],
  ["a credit is not taxed here", { totalMinor: -5n }, "complete"],
  ["its lines are still to come", { hasLines: false, totalMinor: 0n }, null],
  ["it could not be finalized without", { hasFailed: true }, "failed"],
])("%s", (_why, change, expected) => {
  expect(automaticTaxStatus({ ...untaxed, ...change })).toBe(expected);
});
