import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;

beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
});
afterAll(() => collect.close());

type Step =
  | { readonly do: "pend" | "add"; readonly amount: number }
  | { readonly do: "take" | "finalize" | "delete" | "void" | "open" }
  | { readonly do: "remove" | "unassign" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("pend" as const, "add" as const),
    amount: fc.integer({ min: -200, max: 1000 }),
  }),
  fc.record({ do: fc.constantFrom("take" as const, "finalize" as const, "open" as const) }),
  fc.record({ do: fc.constantFrom("delete" as const, "void" as const) }),
  fc.record({ do: fc.constantFrom("remove" as const, "unassign" as const) }),
);

/** Carries out one step on the newest draft (or open invoice); a refusal is as good as a success. */
async function take(customer: string, { do: what, ...rest }: Step): Promise<void> {
  const amount = "amount" in rest ? rest.amount : 0;
  const status = what === "void" ? "open" : "draft";
  const invoice = (await stripe.invoices.list({ customer, status, limit: 1 })).data[0];
  if (what === "pend") await stripe.invoiceItems.create({ customer, amount, currency: "usd" });
  if (what === "open" || what === "take") {
    await stripe.invoices.create({
      customer,
      currency: "usd",
      pending_invoice_items_behavior: what === "take" ? "include" : "exclude",
    });
  }
  if (invoice === undefined) return;
  const line = invoice.lines.data[0]?.id;
  if (what === "add") await stripe.invoices.addLines(invoice.id, { lines: [{ amount }] });
  if (what === "finalize") await stripe.invoices.finalizeInvoice(invoice.id);
  if (what === "delete") await stripe.invoices.del(invoice.id);
  if (what === "void") await stripe.invoices.voidInvoice(invoice.id);
  if ((what === "remove" || what === "unassign") && line !== undefined) {
    const behavior = what === "remove" ? "delete" : "unassign";
    await stripe.invoices.removeLines(invoice.id, { lines: [{ id: line, behavior }] });
  }
}

test("every item is on exactly one invoice or pending, and every sum holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 14 }), async (steps) => {
      const customer = (await stripe.customers.create({})).id;
      for (const each of steps) await take(customer, each);
      const items = await stripe.invoiceItems.list({ customer, limit: 100 });
      const invoices = await stripe.invoices.list({ customer, limit: 100 });
      const onInvoices = invoices.data.flatMap((invoice) =>
        invoice.lines.data.map((line) => line.parent?.invoice_item_details?.invoice_item),
      );
      const attached = items.data.filter((item) => item.invoice !== null).map((item) => item.id);
      expect(onInvoices.sort()).toEqual(attached.sort());
      for (const invoice of invoices.data) {
        const sum = invoice.lines.data.reduce((total, line) => total + line.amount, 0);
        expect([invoice.total, Reflect.get(invoice.lines, "total_count")]).toEqual([
          sum,
          invoice.lines.data.length,
        ]);
      }
      // What was billed for good is either due or on the balance.
      const billed = invoices.data.filter(({ status }) => status === "open" || status === "paid");
      const totals = billed.reduce((total, invoice) => total + invoice.total, 0);
      const due = billed.reduce((total, invoice) => total + invoice.amount_due, 0);
      const account = await stripe.customers.retrieve(customer);
      if (account.deleted) throw new Error("The customer is still there");
      expect(due + account.balance).toBe(totals);
    }),
    { numRuns: 12 },
  );
});
