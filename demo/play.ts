import { type BilledInvoice, readOutcome } from "./outcome.ts";
import { out, printProgress } from "./print.ts";
import type { RunningProduct } from "./product.ts";
import type { Scenario } from "./scenario.ts";
import { sendUsage } from "./send-usage.ts";
import { setUp } from "./set-up.ts";

const dayOf = (timestamp: string): string => `${timestamp.slice(0, 10)}T00:00:00Z`;

async function playUsage(product: RunningProduct, scenario: Scenario): Promise<void> {
  let sent = 0;
  const report = (text: string, done: boolean) =>
    printProgress(`usage       ${sent} of ${scenario.eventCount} events${text}`, done);
  for (const day of scenario.days) {
    const first = day[0];
    if (first === undefined) continue;
    await product.setClock(dayOf(first.timestamp));
    await sendUsage(product, day, (count) => {
      sent += count;
      report("", false);
    });
    // A careful sender repeats what it is not sure of: nothing is counted twice.
    await sendUsage(product, day);
  }
  report(", each sent twice and counted once", true);
}

/** Customers who are sent invoices pay them by bank transfer. */
async function payOpenInvoices({ stripe }: RunningProduct): Promise<void> {
  for await (const invoice of stripe.invoices.list({ status: "open" })) {
    await stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
  }
}

/** Plays the story from the first price to the last payment and reads the invoices back. */
export async function play(product: RunningProduct, scenario: Scenario): Promise<BilledInvoice[]> {
  await product.setClock(scenario.startAt);
  const made = await setUp(product, scenario);
  out(
    `set up      ${made.products.size} products, ${made.customers.size} customers with contracts`,
  );
  await playUsage(product, scenario);
  await product.setClock(scenario.endAt);
  out("period end  grace over, invoices finalized and delivered to Collect");
  await payOpenInvoices(product);
  await product.setClock(scenario.endAt);
  out("payments    collected, their status is back");
  return readOutcome(product, made);
}
