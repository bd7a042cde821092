import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** Each call on an invoice in each of its states (Stripe docs: Invoice status transitions). */
const NOW = "2024-01-01T00:00:00Z";

let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect(NOW);
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

const STATES = ["draft", "open", "paid", "uncollectible", "void"] as const;
type State = (typeof STATES)[number];

interface Made {
  readonly id: string;
  readonly line: string;
  readonly item: string;
}

/** An invoice over 1,000 that is sent, brought into a state. */
async function make(state: State): Promise<Made> {
  const customer = await world.customer("pm_card_visa");
  const { id } = await stripe.invoices.create({
    customer,
    currency: "usd",
    collection_method: "send_invoice",
    days_until_due: 30,
    pending_invoice_items_behavior: "exclude",
  });
  const item = await stripe.invoiceItems.create({ customer, invoice: id, amount: 1000 });
  if (state !== "draft") await stripe.invoices.finalizeInvoice(id);
  if (state === "paid") await stripe.invoices.pay(id, { paid_out_of_band: true });
  if (state === "uncollectible") await stripe.invoices.markUncollectible(id);
  if (state === "void") await stripe.invoices.voidInvoice(id);
  const invoice = await stripe.invoices.retrieve(id);
  expect(invoice.status).toBe(state);
  return { id, line: invoice.lines.data[0]?.id ?? "", item: item.id };
}

/** Money that arrived elsewhere, all of the invoice's. */
async function payment(): Promise<string> {
  const { id } = await stripe.paymentRecords.reportPayment({
    amount_requested: { value: 1000, currency: "usd" },
    initiated_at: unix(NOW),
    payment_method_details: { type: "custom", custom: { display_name: "Bank" } },
    outcome: "guaranteed",
    guaranteed: { guaranteed_at: unix(NOW) },
  });
  return id;
}

type Call = (made: Made) => Promise<unknown>;

const EDIT = "400 invoice_not_editable";
const MOVE = "400 status_transition_invalid";
const NO = "400 undefined";

/** What comes of a call: the state afterwards, or the refusal. */
const TABLE: readonly [what: string, call: Call, ...outcomes: string[]][] = [
  //  draft, open, paid, uncollectible, void
  [
    "update of its metadata",
    ({ id }) => stripe.invoices.update(id, { metadata: { a: "b" } }),
    ...STATES,
  ],
  [
    "update of what is to be paid",
    ({ id }) => stripe.invoices.update(id, { description: "New", days_until_due: 3 }),
    ...["draft", EDIT, EDIT, EDIT, EDIT],
  ],
  [
    "another line",
    ({ id }) => stripe.invoices.addLines(id, { lines: [{ amount: 5 }] }),
    ...["draft", EDIT, EDIT, EDIT, EDIT],
  ],
  [
    "a line changed",
    ({ id, line }) => stripe.invoices.updateLineItem(id, line, { amount: 5 }),
    ...["draft", EDIT, EDIT, EDIT, EDIT],
  ],
  [
    "a line removed",
    ({ id, line }) =>
      stripe.invoices.removeLines(id, { lines: [{ id: line, behavior: "delete" }] }),
    ...["draft", EDIT, EDIT, EDIT, EDIT],
  ],
  [
    "its item deleted",
    ({ item }) => stripe.invoiceItems.del(item),
    ...["draft", EDIT, EDIT, EDIT, EDIT],
  ],
  [
    "finalize",
    ({ id }) => stripe.invoices.finalizeInvoice(id),
    ...["open", EDIT, EDIT, EDIT, EDIT],
  ],
  ["pay", ({ id }) => stripe.invoices.pay(id), ...["paid", "paid", MOVE, "paid", MOVE]],
  [
    "pay out of band",
    ({ id }) => stripe.invoices.pay(id, { paid_out_of_band: true }),
    ...["paid", "paid", MOVE, "paid", MOVE],
  ],
  [
    "a payment attached",
    async ({ id }) => stripe.invoices.attachPayment(id, { payment_record: await payment() }),
    ...["paid", "paid", MOVE, "paid", MOVE],
  ],
  ["send", ({ id }) => stripe.invoices.sendInvoice(id), ...["open", "open", "paid", MOVE, MOVE]],
  ["void", ({ id }) => stripe.invoices.voidInvoice(id), ...[MOVE, "void", MOVE, "void", MOVE]],
  [
    "giving up",
    ({ id }) => stripe.invoices.markUncollectible(id),
    ...[MOVE, "uncollectible", MOVE, MOVE, MOVE],
  ],
  [
    "a credit note over all of it",
    ({ id }) => stripe.creditNotes.create({ invoice: id, amount: 1000, out_of_band_amount: 0 }),
    ...[NO, "paid", NO, NO, NO],
  ],
  [
    "a credit note, given back elsewhere",
    ({ id }) => stripe.creditNotes.create({ invoice: id, amount: 400, out_of_band_amount: 400 }),
    ...[NO, NO, "paid", NO, NO],
  ],
  ["delete", ({ id }) => stripe.invoices.del(id), ...["deleted", EDIT, EDIT, EDIT, EDIT]],
];

const stateOf = (id: string): Promise<string> =>
  stripe.invoices.retrieve(id).then(
    ({ status }) => String(status),
    () => "deleted",
  );

describe.each(TABLE)("%s", (_what, call, ...outcomes) => {
  test.each(STATES.map((state, index) => [state, outcomes[index] ?? ""] as const))(
    "of a %s invoice: %s",
    async (state, outcome) => {
      const made = await make(state);
      const before = await stripe.invoices.retrieve(made.id);
      const told = (await world.events(made.id)).length;
      const refusal = await world.refusal(call(made));
      if (refusal === "accepted") {
        expect(await stateOf(made.id)).toBe(outcome);
        return;
      }
      expect(refusal.split(" ").slice(0, 2).join(" ")).toBe(outcome);
      // A refusal changes nothing and tells of nothing.
      const { lastResponse: _, ...after } = await stripe.invoices.retrieve(made.id);
      const { lastResponse: __, ...unchanged } = before;
      expect(after).toEqual(unchanged);
      expect(await world.events(made.id)).toHaveLength(told);
    },
  );
});
