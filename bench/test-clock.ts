import { setTimeout as pause } from "node:timers/promises";
import type Stripe from "stripe";
import type { BenchServer } from "./bench-server.ts";
import { stripeOf } from "./collect.ts";

/** The target is 1,000 subscriptions in two minutes; BENCH_SUBSCRIPTIONS sets another number. */
const SUBSCRIPTIONS = Number(process.env.BENCH_SUBSCRIPTIONS ?? 1000);
const MONTHS = 24;
const TARGET_MS = 120_000;
const START = "2024-01-01T00:00:00Z";
const END = "2026-01-01T02:00:00Z";
const POLL_MS = 250;

const unix = (at: string): number => Date.parse(at) / 1000;

/**
 * Two years of monthly subscriptions on a test clock, twice: each customer is billed and charged every
 * month, and both runs must come to the same invoices.
 */
export async function benchTestClock(server: BenchServer): Promise<void> {
  const stripe = stripeOf(server);
  const price = await stripe.prices.create({
    currency: "usd",
    unit_amount: 1000,
    recurring: { interval: "month" },
    product_data: { name: "Plan" },
  });
  const runs: string[] = [];
  for (let run = 1; run <= 2; run += 1) {
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: unix(START) });
    const customers = await subscribe(stripe, clock.id, price.id);
    const start = performance.now();
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: unix(END) });
    let { status } = clock;
    do {
      await pause(POLL_MS);
      ({ status } = await stripe.testHelpers.testClocks.retrieve(clock.id));
    } while (status === "advancing");
    const ms = performance.now() - start;
    const renewals = SUBSCRIPTIONS * MONTHS;
    process.stdout.write(
      `test-clock: ${SUBSCRIPTIONS} subscriptions, ${MONTHS} months: ${(ms / 1000).toFixed(1)} s, ${(ms / renewals).toFixed(1)} ms a renewal (at most ${(TARGET_MS / 1000 / MONTHS).toFixed(1)})\n`,
    );
    if (ms / renewals > TARGET_MS / 1000 / MONTHS) process.exitCode = 1;
    runs.push(await outcome(stripe, customers));
  }
  const same = runs[0] === runs[1];
  process.stdout.write(`test-clock: the runs ${same ? "are the same" : "DIFFER"}\n`);
  if (!same) throw new Error("Two runs of the same two years came to different invoices");
}

async function subscribe(stripe: Stripe, clock: string, price: string): Promise<string[]> {
  const customers: string[] = [];
  for (let n = 0; n < SUBSCRIPTIONS; n += 1) {
    const { id } = await stripe.customers.create({
      test_clock: clock,
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    await stripe.subscriptions.create({ customer: id, items: [{ price }] });
    customers.push(id);
  }
  return customers;
}

/** What was billed to each customer, in the order in which they were made. */
async function outcome(stripe: Stripe, customers: readonly string[]): Promise<string> {
  const found: unknown[] = [];
  for (const customer of customers) {
    const { data } = await stripe.invoices.list({ customer, limit: 100 });
    if (data.length !== MONTHS + 1) throw new Error(`A customer has ${data.length} invoices`);
    found.push(
      data.map((invoice) => [
        invoice.created,
        invoice.status,
        invoice.total,
        invoice.status_transitions.paid_at,
        invoice.number?.split("-")[1],
      ]),
    );
  }
  return JSON.stringify(found);
}
