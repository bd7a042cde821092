import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { monthStart, signMonth, useSome } from "../support/billed-customer.ts";
import { openRoutingWorld, type RoutingWorld } from "../support/integrations.ts";

/** Lines that bills left as items at the provider, and the invoice of somebody else that takes them. */
let world: RoutingWorld;
let month = -2;

beforeAll(async () => {
  world = await openRoutingWorld();
  await world.addRule(world.main, { destination: { createStripeInvoice: false } });
}, 60_000);
afterAll(() => world?.close());
beforeEach(() => nextMonth());

async function nextMonth(): Promise<void> {
  month += 2;
  await world.nextMonth();
}

/** A customer with bills of two months, whose lines wait. */
async function billTwice(name: string): Promise<{ account: string; payer: string }> {
  const { server, plan } = world;
  const account = await world.sign(name);
  const payer = await world.addPayer(world.main, account);
  await world.endMonth();
  await nextMonth();
  await signMonth(server, plan, account, month);
  await useSome(server, plan, account, monthStart(month));
  await world.endMonth();
  return { account, payer };
}

async function statuses(account: string): Promise<(string | undefined)[]> {
  const { data } = await world.server.metronome.v1.customers.invoices.list({
    customer_id: account,
  });
  return data.map(({ external_invoice }) => external_invoice?.external_status);
}

/** Items of another product, more than an event shows of an invoice. */
async function addOthers(payer: string): Promise<void> {
  for (let n = 0; n < 12; n += 1) {
    await world.server.stripe.invoiceItems.create({
      customer: payer,
      amount: 100,
      currency: "usd",
    });
  }
}

/** Lets what the provider has sent by now be taken in. */
const settle = (hours: number) => world.later(hours);

test.each([
  ["shown", false],
  ["beyond the ten lines that its events show", true],
])("an invoice that takes the items of two bills tells of both, %s", async (_where, withOthers) => {
  const { stripe } = world.server;
  const { account, payer } = await billTwice(`Items ${withOthers}`);
  expect(await statuses(account)).toEqual([undefined, undefined]);
  if (withOthers) await addOthers(payer);
  const invoice = await stripe.invoices.create({
    customer: payer,
    pending_invoice_items_behavior: "include",
  });
  const shown = invoice.lines.data.filter(({ metadata }) => metadata.ledgerline_first_item === "1");
  expect(shown).toHaveLength(withOthers ? 0 : 2);
  // It is a draft, which has no status.
  await settle(1);
  expect(await statuses(account)).toEqual([undefined, undefined]);
  await stripe.invoices.finalizeInvoice(invoice.id, { auto_advance: false });
  await settle(2);
  expect(await statuses(account)).toEqual(["FINALIZED", "FINALIZED"]);
  await stripe.invoices.pay(invoice.id);
  await settle(3);
  expect(await statuses(account)).toEqual(["PAID", "PAID"]);
});

test("an invoice of somebody else with nothing of ours changes nothing", async () => {
  const { stripe } = world.server;
  const { account, payer } = await billTwice("Apart");
  await addOthers(payer);
  const invoice = await stripe.invoices.create({
    customer: payer,
    pending_invoice_items_behavior: "exclude",
  });
  await stripe.invoices.finalizeInvoice(invoice.id);
  await settle(1);
  expect(await statuses(account)).toEqual([undefined, undefined]);
});
