import { expect, test } from "vitest";
import {
  commit,
  flat,
  rateOne,
  row,
  segment,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import type { Commit } from "../commits/commit.ts";
import { dec, toText } from "../decimal.ts";
import { unpaidUsage } from "./unpaid-usage.ts";

const inTokens = { creditTypeId: "unit-t" };
const year = (amount: string) => [segment(amount, "2024-01-01", "2025-01-01")];

/** 2 mails at 20 cents, 350 tokens of which one costs 10 cents. */
const unpaid = (commits: Commit[], usage = ["mail", "gpu"]) => {
  const draft = rateOne({
    products: [usageProduct("mail"), usageProduct("gpu")],
    rates: [flat("mail", "20"), flat("gpu", "1", "2020-01-01", inTokens)],
    conversions: [{ unit: { id: "unit-t", name: "Tokens" }, fiatPerUnit: dec("10") }],
    rollups: [used("mail", row("2024-01-10", "2")), used("gpu", row("2024-01-10", "350"))].filter(
      ({ metricId }) => usage.includes(metricId),
    ),
    commits,
  });
  const found = unpaidUsage([draft], "contract");
  return found && toText(found.amount);
};

test.each<[string, Commit[], string]>([
  ["without commits all of it, tokens as money: 40 + 3,500", [], "3540"],
  [
    "of tokens what a grant leaves: 40 + 50 x 10",
    [commit("g", "CREDIT", year("300"), inTokens)],
    "540",
  ],
  [
    "less what a credit in cents pays of it: 540 - 140",
    [commit("g", "CREDIT", year("300"), inTokens), commit("m", "CREDIT", year("140"))],
    "400",
  ],
  ["a postpaid commit is paid later", [commit("p", "POSTPAID", year("9999"))], "3540"],
])("%s", (_reason, commits, amount) => {
  expect(unpaid(commits)).toBe(amount);
});

test("tokens that are covered are owed by nobody", () => {
  expect(unpaid([commit("g", "CREDIT", year("350"), inTokens)], ["gpu"])).toBeUndefined();
});
