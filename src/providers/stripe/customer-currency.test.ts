import { expect, test } from "vitest";
import { findCurrencyConflict, findUnfitPayer, type StripePayer } from "./customer-currency.ts";

const document = { customer: "cus_1", currency: "eur" };

test.each<[string | null | undefined, RegExp | undefined, string]>([
  [null, undefined, "nothing was billed to it yet"],
  [undefined, undefined, "Stripe leaves it out of old customers"],
  ["eur", undefined, "the same"],
  ["EUR", undefined, "in any case"],
  ["usd", /cus_1 is billed in USD, and this invoice is in EUR/, "another"],
])("a customer in %s: %s, because %s", (currency, conflict) => {
  const found = findCurrencyConflict(currency, document);
  if (conflict === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(conflict);
});

test.each<[StripePayer | undefined, string | undefined]>([
  [{ deleted: false, currency: null }, undefined],
  [{ deleted: false, currency: "eur" }, undefined],
  [{ deleted: false, currency: "usd" }, "customer_currency_differs"],
  [{ deleted: true, currency: "eur" }, "stripe_customer_missing"],
  [undefined, "stripe_customer_missing"],
])("the payer %j: %s", (payer, code) => {
  expect(findUnfitPayer(payer, document)?.code).toBe(code);
});
