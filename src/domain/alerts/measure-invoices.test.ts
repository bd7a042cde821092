import { expect, test } from "vitest";
import {
  at,
  commit,
  flat,
  rateOne,
  row,
  segment,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import type { Commit } from "../commits/commit.ts";
import { USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec, toText } from "../decimal.ts";
import type { Alert, AlertType } from "./alert.ts";
import {
  currentPeriod,
  measureSpend,
  measureTotals,
  type WatchedDraft,
} from "./measure-invoices.ts";

const alert = (type: AlertType, threshold: string, extra: Partial<Alert> = {}): Alert => ({
  id: "alert",
  environmentId: "environment",
  type,
  name: "High",
  threshold: dec(threshold),
  customerId: null,
  creditTypeId: USD_CREDIT_TYPE_ID,
  metricId: null,
  customFieldFilters: [],
  groupValues: [],
  invoiceTypes: null,
  seatFilter: null,
  uniquenessKey: null,
  createdAt: "2024-01-01T00:00:00Z",
  archivedAt: null,
  position: 1n,
  ...extra,
});

/** January: 2 mails at 20 cents, 350 tokens of which one costs 10 cents. */
const january = (commits: Commit[] = []): WatchedDraft => {
  const own = rateOne({
    products: [usageProduct("mail"), usageProduct("gpu")],
    rates: [flat("mail", "20"), flat("gpu", "1", "2020-01-01", { creditTypeId: "unit-t" })],
    conversions: [{ unit: { id: "unit-t", name: "Tokens" }, fiatPerUnit: dec("10") }],
    rollups: [used("mail", row("2024-01-10", "2")), used("gpu", row("2024-01-10", "350"))],
    commits,
  });
  return { own, whole: own, contractFields: { region: "eu" } };
};

const year = (amount: string) => [segment(amount, "2024-01-01", "2025-01-01")];
const grant = (amount: string) => [commit("m", "CREDIT", year(amount))];

const spend = "spend_threshold_reached" as const;

test.each<[string, Alert, WatchedDraft[], string, string]>([
  ["only what is priced in cents", alert(spend, "40"), [january()], "2024-01-15", "40 reached"],
  ["a part of a cent is missing", alert(spend, "40.01"), [january()], "2024-01-15", "40 -"],
  ["before credits", alert(spend, "40"), [january(grant("40"))], "2024-01-15", "40 reached"],
  [
    "in a pricing unit what is priced in it",
    alert(spend, "351", { creditTypeId: "unit-t" }),
    [january()],
    "2024-01-15",
    "350 -",
  ],
  [
    "of two contracts together",
    alert(spend, "80"),
    [january(), january()],
    "2024-01-15",
    "80 reached",
  ],
  ["January is over", alert(spend, "40"), [january()], "2024-02-01", "0 -"],
  [
    "of contracts with a custom field",
    alert(spend, "40", {
      customFieldFilters: [{ entity: "Contract", key: "region", value: "us" }],
    }),
    [january()],
    "2024-01-15",
    "0 -",
  ],
  ["there is no invoice", alert(spend, "40"), [], "2024-01-15", "0 -"],
])("spend: %s", (_reason, watching, drafts, now, expected) => {
  const [found] = measureSpend(watching, drafts, at(now));
  const { spend: amount = dec("-1") } = found?.facts ?? {};
  expect(`${toText(amount)} ${found?.isReached ? "reached" : "-"}`).toBe(expected);
});

const total = "invoice_total_reached" as const;

test.each<[string, Alert, WatchedDraft[], string[]]>([
  ["tokens count as converted: 40 + 3,500", alert(total, "3540"), [january()], ["3540 reached"]],
  [
    "less what a credit pays: 3,540 - 100",
    alert(total, "3540"),
    [january(grant("100"))],
    ["3440 -"],
  ],
  ["each invoice by itself", alert(total, "3541"), [january(), january()], ["3540 -", "3540 -"]],
  ["of another type", alert(total, "1", { invoiceTypes: ["SCHEDULED"] }), [january()], []],
  ["in another currency", alert(total, "1", { creditTypeId: "eur" }), [january()], []],
])("total: %s", (_reason, watching, drafts, expected) => {
  const found = measureTotals(watching, drafts).map(
    ({ isReached, facts: { invoiceTotal = dec("-1") } }) =>
      `${toText(invoiceTotal)} ${isReached ? "reached" : "-"}`,
  );
  expect(found).toEqual(expected);
});

test("the current period is that of the drafts that run now", () => {
  expect(currentPeriod([january()], at("2024-01-31T23"))).toEqual({
    start: at("2024-01-01"),
    end: at("2024-02-01"),
  });
  expect(currentPeriod([january()], at("2024-02-01"))).toBeUndefined();
});
