import { expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  rateOne,
  recurringCommit,
  scheduledInvoice,
  segment,
} from "../../../test/support/sample-snapshot.ts";
import type { Commit } from "../commits/commit.ts";
import { dec, toText } from "../decimal.ts";
import { planChildren } from "../recurring/plan-children.ts";

/** The child of January 10 to 31, billed 62 x 22 / 31 = 44 on its first day. */
function child(amount: string): Commit {
  const recurring = recurringCommit({
    startingAt: at("2024-01-10"),
    invoice: { unitPrice: dec("31"), quantity: dec("2") },
  });
  const [plan] = planChildren(contract(), recurring, [], at("2024-01-10"), "time").add;
  const item = { id: "item", at: at("2024-01-10"), quantity: dec("2"), unitPrice: dec("22") };
  return commit("child", "PREPAID", [segment("220", "2024-01-10", "2024-02-01")], {
    recurring: plan ?? null,
    invoiceContractId: "contract",
    invoiceSchedule: [{ ...item, amount: dec(amount) }],
  });
}

const steps = (amount: string) =>
  rateOne({ commits: [child(amount)], requests: [scheduledInvoice("2024-01-10")] }).lines.map(
    ({ total, trace }) => [toText(total), trace.map(({ step }) => step)],
  );

test("a purchase shows its period and its share before its date", () => {
  expect(steps("44")).toEqual([["44", ["recurring-period", "schedule"]]]);
  const [line] = rateOne({
    commits: [child("44")],
    requests: [scheduledInvoice("2024-01-10")],
  }).lines;
  expect(line?.trace[0]).toMatchObject({
    periodStart: at("2024-01-01"),
    periodEnd: at("2024-02-01"),
    countedFrom: at("2024-01-10"),
    countedUntil: at("2024-02-01"),
    unitPrice: dec("31"),
    quantity: dec("2"),
    amount: dec("44"),
    // 22 and 31 days in milliseconds.
    part: dec("1900800000"),
    whole: dec("2678400000"),
  });
});

test("a purchase that was edited is explained by its date alone", () => {
  expect(steps("50")).toEqual([["50", ["schedule"]]]);
});
