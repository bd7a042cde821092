import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fewAtATime } from "../../src/platform/few-at-a-time.ts";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
} from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import {
  loseWebhooks,
  makeDraft,
  readReconciliation,
  type ShownFinding,
  type ShownReconciliation,
} from "../support/reconciled.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** January's invoices come to 2,034: two lines of 2,000 and 34. */
const TODAY = monthBilledAt(0);
/** Requests that the tests make side by side. */
const AT_ONCE = 6;

let server: TestServer;
let stripe: Stripe;
let plan: Plan;

interface Billed {
  readonly customerId: string;
  readonly payer: string;
  readonly invoice: Invoice;
  readonly theirs: Stripe.Invoice;
  /** The id of `theirs`. */
  readonly id: string;
}

/** What stands at the provider and with us once everything was applied. */
interface After extends Billed {
  readonly findings: readonly ShownFinding[];
  /** Every document of the payer, oldest first. */
  readonly documents: readonly Stripe.Invoice[];
  readonly status: string | null | undefined;
}

interface Mutation {
  readonly name: string;
  /** Paid by card at once, or sent and open. */
  readonly payer: "card" | "open";
  /** Before it is billed. */
  prepare?(payer: string): Promise<unknown>;
  mutate(billed: Billed): Promise<unknown>;
  /** Every class that is found. */
  readonly finds: readonly string[];
  /** What becomes of those that are applied; the others are left alone. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Why what is refused is. */
  readonly because?: RegExp;
  verify(after: After): unknown;
}

const run = (query: ReturnType<typeof sql>) => query.execute(server.db);
const setRun = ({ invoice }: Billed, set: ReturnType<typeof sql>) =>
  run(sql`update integration_runs set ${set} where invoice_id = ${invoice.id}`);
const lineOf = ({ theirs }: Billed, index: number) => theirs.lines.data[index]?.id ?? "";
const ours = ({ invoice }: Billed) => ({
  metronome_id: invoice.id,
  ledgerline_invoice_id: invoice.id,
});

/** Draft again, and once more not known to be anything else. */
async function left(billed: Billed): Promise<void> {
  await makeDraft(server, billed.id);
  await setRun(billed, sql`external_status = null`);
}

const copy = async (billed: Billed, metadata: Record<string, string>) => {
  const { id = "" } = await stripe.invoices.create({
    customer: billed.payer,
    collection_method: "send_invoice",
    days_until_due: 30,
    auto_advance: false,
    pending_invoice_items_behavior: "exclude",
    metadata,
  });
  await stripe.invoices.addLines(id, { lines: [{ amount: 2034, description: "Usage" }] });
  return id;
};

/** Credits a dollar, and waits until a worker has delivered that. */
async function creditNow(invoiceId: string): Promise<void> {
  const { body } = await server.send("POST", "/v1/credit-notes", {
    invoice_id: invoiceId,
    amount: 100,
  });
  await vi.waitFor(async () => {
    const shown = await server.send("GET", `/v1/credit-notes/${body.data.id}`);
    expect(shown.body.data.delivery.status).toBe("SENT");
  }, 20_000);
}

async function payElsewhere({ id, payer }: Billed, amount: number): Promise<void> {
  const { id: record } = await stripe.paymentRecords.reportPayment({
    amount_requested: { currency: "usd", value: amount },
    customer_details: { customer: payer },
    initiated_at: Math.floor(Date.parse(TODAY) / 1000),
    outcome: "guaranteed",
    guaranteed: { guaranteed_at: Math.floor(Date.parse(TODAY) / 1000) },
    payment_method_details: { type: "custom", custom: { display_name: "Bank" } },
  });
  await stripe.invoices.attachPayment(id, { payment_record: record });
}

const shape = (invoice: Stripe.Invoice | undefined) =>
  `${invoice?.status} ${invoice?.total} ${invoice?.lines.data.length}`;
/** One document, open, with the two lines that were sent. */
const isRight = ({ documents }: After) => {
  expect(documents.map(shape)).toEqual(["open 2034 2"]);
};
const isReplaced =
  (...before: string[]) =>
  ({ documents, invoice }: After) => {
    expect(documents.map(shape)).toEqual([...before, "open 2034 2"]);
    const named = documents.map(({ metadata }) => metadata?.ledgerline_invoice_id);
    expect(named.filter((id) => id === invoice.id)).toEqual([invoice.id]);
    expect(invoice.external_invoice?.invoice_id).toBe(documents.at(-1)?.id);
  };
const isUntouched = ({ documents, theirs }: After) => {
  expect(documents).toHaveLength(1);
  expect(documents[0]).toMatchObject({ id: theirs.id, status: theirs.status });
};
const hasStatus = (status: string | null) => (after: After) => {
  expect(after.status ?? null).toBe(status);
};

const DRAFT = { stuck_draft: "VERIFIED" } as const;
const nothing = async () => {};

const MUTATIONS: readonly Mutation[] = [
  {
    name: "a draft was deleted",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.del(billed.id);
    },
    finds: ["deleted"],
    outcomes: { deleted: "VERIFIED" },
    verify: isReplaced(),
  },
  {
    name: "the id is unknown there",
    payer: "open",
    mutate: async ({ id }) => {
      await makeDraft(server, id);
      await stripe.invoices.del(id);
    },
    finds: ["missing"],
    outcomes: { missing: "VERIFIED" },
    verify: isReplaced(),
  },
  {
    name: "a paid one is unknown there, and stands under another id",
    payer: "card",
    mutate: (billed) => setRun(billed, sql`external_id = 'in_of_another_account'`),
    finds: ["duplicate_invoice", "missing"],
    outcomes: { missing: "REFUSED", duplicate_invoice: "REFUSED" },
    because: /was paid when it was last seen|Money has arrived/,
    verify: isUntouched,
  },
  {
    name: "voided there but not here",
    payer: "open",
    mutate: ({ id }) => stripe.invoices.voidInvoice(id),
    finds: ["status_missed", "voided_there"],
    outcomes: { voided_there: "VERIFIED" },
    verify: isReplaced("void 2034 2"),
  },
  {
    name: "voided there, and that is taken over",
    payer: "open",
    mutate: ({ id }) => stripe.invoices.voidInvoice(id),
    finds: ["status_missed", "voided_there"],
    outcomes: { status_missed: "VERIFIED" },
    verify: hasStatus("VOID"),
  },
  {
    name: "marked uncollectible there",
    payer: "open",
    mutate: ({ id }) => stripe.invoices.markUncollectible(id),
    finds: ["marked_uncollectible"],
    outcomes: { marked_uncollectible: "VERIFIED" },
    verify: hasStatus("UNCOLLECTIBLE"),
  },
  {
    name: "the quantity of a draft's line was edited",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.updateLineItem(billed.id, lineOf(billed, 0), { quantity: 900 });
    },
    finds: ["edited_lines", "stuck_draft"],
    outcomes: { edited_lines: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "the amount of a draft's line was edited",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.updateLineItem(billed.id, lineOf(billed, 1), { amount: 33 });
    },
    finds: ["edited_lines", "stuck_draft"],
    outcomes: { edited_lines: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "the description of a draft's line was edited",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const description = "Something else";
      await stripe.invoices.updateLineItem(billed.id, lineOf(billed, 0), { description });
    },
    finds: ["edited_lines", "stuck_draft"],
    outcomes: { edited_lines: "VERIFIED", ...DRAFT },
    verify: (after) => {
      isRight(after);
      const texts = after.documents[0]?.lines.data.map(({ description }) => description);
      expect(texts).not.toContain("Something else");
    },
  },
  {
    name: "a line was added to a draft",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.addLines(billed.id, { lines: [{ amount: 500, description: "Fee" }] });
    },
    finds: ["extra_lines", "stuck_draft"],
    outcomes: { extra_lines: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "a line of a draft was removed",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const lines = [{ id: lineOf(billed, 0), behavior: "delete" as const }];
      await stripe.invoices.removeLines(billed.id, { lines });
    },
    finds: ["missing_lines", "stuck_draft"],
    outcomes: { missing_lines: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "a line of a draft was doubled",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const metadata = billed.theirs.lines.data[0]?.metadata ?? {};
      await stripe.invoices.addLines(billed.id, {
        lines: [{ amount: 2000, description: "Again", metadata }],
      });
    },
    finds: ["duplicated_lines", "stuck_draft"],
    outcomes: { duplicated_lines: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "the key of a draft's line was removed",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const metadata = { ledgerline_line_key: "" };
      await stripe.invoices.updateLineItem(billed.id, lineOf(billed, 0), { metadata });
    },
    finds: ["metadata_removed", "stuck_draft"],
    outcomes: { metadata_removed: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "a discount was added to a draft",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const coupon = await stripe.coupons.create({ percent_off: 10, duration: "once" });
      await stripe.invoiceItems.update(await itemOf(billed, 0), { discountable: true });
      await stripe.invoices.update(billed.id, { discounts: [{ coupon: coupon.id }] });
    },
    finds: ["discount_added", "stuck_draft"],
    outcomes: { discount_added: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "a tax rate was added to a draft",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const rate = await stripe.taxRates.create({
        display_name: "VAT",
        percentage: 19,
        inclusive: false,
      });
      await stripe.invoices.update(billed.id, { default_tax_rates: [rate.id] });
    },
    finds: ["stuck_draft", "tax_unexpected"],
    outcomes: { tax_unexpected: "VERIFIED", ...DRAFT },
    verify: isRight,
  },
  {
    name: "the collection method of a draft was changed",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.update(billed.id, { collection_method: "charge_automatically" });
    },
    finds: ["collection_method_changed", "stuck_draft"],
    outcomes: { collection_method_changed: "VERIFIED", ...DRAFT },
    verify: (after) => {
      isRight(after);
      expect(after.documents[0]).toMatchObject({
        collection_method: "send_invoice",
        due_date: after.theirs.due_date,
      });
    },
  },
  {
    name: "the due date of a draft was changed",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const later = (billed.theirs.due_date ?? 0) + 60 * 86_400;
      await stripe.invoices.update(billed.id, { due_date: later });
    },
    finds: ["due_date_changed", "stuck_draft"],
    outcomes: { due_date_changed: "VERIFIED", ...DRAFT },
    verify: (after) => {
      isRight(after);
      expect(after.documents[0]?.due_date).toBe(after.theirs.due_date);
    },
  },
  {
    name: "a draft was given to another customer",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      const { id } = await stripe.customers.create({ name: "Other" });
      await run(sql`update collect.invoices set customer = ${id} where id = ${billed.id}`);
    },
    finds: ["customer_changed", "stuck_draft"],
    outcomes: { customer_changed: "VERIFIED" },
    verify: isReplaced(),
  },
  {
    name: "our metadata was removed",
    payer: "open",
    mutate: ({ id }) =>
      stripe.invoices.update(id, { metadata: { metronome_id: "", ledgerline_invoice_id: "x" } }),
    finds: ["metadata_removed"],
    outcomes: { metadata_removed: "VERIFIED" },
    verify: (after) => {
      isRight(after);
      expect(after.documents[0]?.metadata).toMatchObject(ours(after));
    },
  },
  {
    name: "a draft was never finalized",
    payer: "open",
    mutate: left,
    finds: ["stuck_draft"],
    outcomes: DRAFT,
    verify: (after) => {
      isRight(after);
      hasStatus("FINALIZED")(after);
    },
  },
  {
    name: "a draft that was never finalized is not what was sent either",
    payer: "open",
    mutate: async (billed) => {
      await left(billed);
      await stripe.invoices.addLines(billed.id, { lines: [{ amount: 500, description: "Fee" }] });
    },
    finds: ["extra_lines", "stuck_draft"],
    outcomes: { stuck_draft: "REFUSED" },
    because: /extra_lines.*put that right first/,
    verify: ({ documents }) => expect(documents.map(shape)).toEqual(["draft 2534 3"]),
  },
  {
    name: "a line of an open document was edited",
    payer: "open",
    mutate: async ({ id }) => {
      await run(sql`update collect.invoice_items set amount_minor = 1000
        where invoice = ${id} and amount_minor = 2000`);
      await run(sql`update collect.invoices set total_minor = 1034 where id = ${id}`);
    },
    finds: ["edited_lines"],
    outcomes: { edited_lines: "VERIFIED" },
    verify: isReplaced("void 1034 2"),
  },
  {
    name: "only the text of a line of an open document was edited",
    payer: "open",
    mutate: ({ id }) =>
      run(sql`update collect.invoice_items set description = 'Edited'
        where invoice = ${id} and amount_minor = 2000`),
    finds: ["edited_lines"],
    outcomes: { edited_lines: "REFUSED" },
    because: /text cannot be changed/,
    verify: isUntouched,
  },
  {
    name: "the total of an open document is another one",
    payer: "open",
    mutate: ({ id }) => run(sql`update collect.invoices set total_minor = 99 where id = ${id}`),
    finds: ["edited_total"],
    outcomes: { edited_total: "VERIFIED" },
    verify: isReplaced("void 99 2"),
  },
  {
    name: "the total of a paid document is another one",
    payer: "card",
    mutate: ({ id }) => run(sql`update collect.invoices set total_minor = 99 where id = ${id}`),
    finds: ["edited_total"],
    outcomes: { edited_total: "REFUSED" },
    because: /Money has arrived/,
    verify: isUntouched,
  },
  {
    name: "an open document was given to another customer",
    payer: "open",
    mutate: async ({ id }) => {
      const other = await stripe.customers.create({ name: "Other" });
      await run(sql`update collect.invoices set customer = ${other.id} where id = ${id}`);
    },
    finds: ["customer_changed"],
    outcomes: { customer_changed: "VERIFIED" },
    verify: isReplaced(),
  },
  {
    name: "an open document is in another currency",
    payer: "open",
    mutate: ({ id }) => run(sql`update collect.invoices set currency = 'eur' where id = ${id}`),
    finds: ["currency_differs"],
    outcomes: { currency_differs: "VERIFIED" },
    verify: isReplaced("void 2034 2"),
  },
  {
    name: "the due date of an open document was changed",
    payer: "open",
    mutate: ({ id }) =>
      run(sql`update collect.invoices set due_at = due_at + interval '60 days' where id = ${id}`),
    finds: ["due_date_changed"],
    outcomes: { due_date_changed: "REFUSED" },
    because: /final and its terms cannot be changed/,
    verify: isUntouched,
  },
  {
    name: "the customer was deleted",
    payer: "open",
    mutate: ({ payer }) => stripe.customers.del(payer),
    finds: ["customer_deleted"],
    outcomes: { customer_deleted: "REFUSED" },
    because: /deleted at Stripe/,
    verify: isUntouched,
  },
  {
    name: "paid out of band, and nobody told us",
    payer: "open",
    mutate: ({ id }) => stripe.invoices.pay(id, { paid_out_of_band: true }),
    finds: ["open_here_paid_there"],
    outcomes: { open_here_paid_there: "VERIFIED" },
    verify: hasStatus("PAID"),
  },
  {
    name: "paid in part, and nobody told us",
    payer: "open",
    mutate: (billed) => payElsewhere(billed, 1000),
    finds: ["status_missed"],
    outcomes: { status_missed: "VERIFIED" },
    verify: hasStatus("PARTIALLY_PAID"),
  },
  {
    name: "paid here and open there",
    payer: "open",
    mutate: (billed) => setRun(billed, sql`external_status = 'PAID'`),
    finds: ["paid_here_open_there"],
    outcomes: { paid_here_open_there: "VERIFIED" },
    verify: hasStatus("FINALIZED"),
  },
  {
    name: "left as a draft, and finalized by hand",
    payer: "open",
    mutate: async (billed) => {
      await run(sql`delete from integration_run_steps where step = 'finalize' and run_id in
        (select id from integration_runs where invoice_id = ${billed.invoice.id})`);
      await setRun(billed, sql`external_status = null`);
    },
    finds: ["finalized_by_hand"],
    outcomes: { finalized_by_hand: "VERIFIED" },
    verify: hasStatus("FINALIZED"),
  },
  {
    name: "our note of its number is another one",
    payer: "open",
    mutate: (billed) =>
      setRun(billed, sql`external_details = external_details || '{"number": null}'::jsonb`),
    finds: ["number_missing"],
    outcomes: { number_missing: "VERIFIED" },
    verify: isRight,
  },
  {
    name: "a second document with our id is open",
    payer: "open",
    mutate: async (billed) => {
      const id = await copy(billed, ours(billed));
      await stripe.invoices.finalizeInvoice(id, { auto_advance: false });
    },
    finds: ["duplicate_invoice"],
    outcomes: { duplicate_invoice: "VERIFIED" },
    verify: ({ documents }) => expect(documents.map(shape)).toEqual(["open 2034 2", "void 2034 1"]),
  },
  {
    name: "a second document with our id was paid",
    payer: "open",
    mutate: async (billed) => {
      await stripe.invoices.pay(await copy(billed, ours(billed)), { paid_out_of_band: true });
    },
    finds: ["duplicate_invoice"],
    outcomes: { duplicate_invoice: "REFUSED" },
    because: /Money has arrived/,
    verify: ({ documents }) => expect(documents.map(shape)).toEqual(["open 2034 2", "paid 2034 1"]),
  },
  {
    name: "a draft of ours is superseded",
    payer: "open",
    mutate: (billed) => copy(billed, ours(billed)),
    finds: ["orphan_draft"],
    outcomes: { orphan_draft: "VERIFIED" },
    verify: isRight,
  },
  {
    name: "the delivery lost its document",
    payer: "open",
    mutate: (billed) => setRun(billed, sql`external_id = null, status = 'FAILED'`),
    finds: ["orphan_final", "unsent"],
    outcomes: { orphan_final: "VERIFIED" },
    verify: (after) => {
      isRight(after);
      expect(after.invoice.external_invoice?.invoice_id).toBe(after.id);
    },
  },
  {
    name: "a deleted document was made again by hand",
    payer: "open",
    mutate: async (billed) => {
      await makeDraft(server, billed.id);
      await setRun(billed, sql`external_id = 'in_deleted', external_status = 'DELETED'`);
    },
    finds: ["deleted", "orphan_draft"],
    outcomes: { orphan_draft: "VERIFIED" },
    verify: (after) => {
      isRight(after);
      expect(after.invoice.external_invoice?.invoice_id).toBe(after.id);
    },
  },
  {
    name: "a delivery that nobody works on any more",
    payer: "open",
    mutate: (billed) => setRun(billed, sql`status = 'RUNNING'`),
    finds: ["unsent"],
    outcomes: { unsent: "VERIFIED" },
    verify: isRight,
  },
  {
    name: "a delivery that is refused, and is refused again",
    payer: "open",
    prepare: (payer) => stripe.customers.del(payer),
    mutate: nothing,
    finds: ["unsent"],
    outcomes: { unsent: "FAILED" },
    because: /customer/i,
    verify: ({ documents }) => expect(documents).toEqual([]),
  },
  {
    name: "paid twice",
    payer: "open",
    mutate: async (billed) => {
      await payElsewhere(billed, 1500);
      await payElsewhere(billed, 2034);
    },
    finds: ["open_here_paid_there", "paid_twice"],
    outcomes: { paid_twice: "REFUSED" },
    because: /Refund what is too much/,
    verify: ({ documents }) => expect(documents[0]?.amount_overpaid).toBe(1500),
  },
  {
    name: "more was paid than is due",
    payer: "open",
    mutate: (billed) => payElsewhere(billed, 3000),
    finds: ["open_here_paid_there", "overpaid"],
    outcomes: { overpaid: "REFUSED" },
    because: /More arrived than is due/,
    verify: ({ documents }) => expect(documents[0]?.amount_overpaid).toBe(966),
  },
  {
    name: "paid without money",
    payer: "open",
    prepare: (payer) =>
      stripe.customers.createBalanceTransaction(payer, { amount: -5000, currency: "usd" }),
    mutate: nothing,
    finds: ["paid_without_money"],
    outcomes: { paid_without_money: "REFUSED" },
    because: /balance/,
    verify: isUntouched,
  },
  {
    name: "void here and open there",
    payer: "open",
    mutate: ({ invoice }) => server.send("POST", "/v1/invoices/void", { id: invoice.id }),
    finds: ["void_here_open_there"],
    outcomes: { void_here_open_there: "VERIFIED" },
    verify: (after) => {
      expect(after.documents.map(shape)).toEqual(["void 2034 2"]);
      hasStatus("VOID")(after);
    },
  },
  {
    name: "void here and paid there",
    payer: "card",
    mutate: ({ invoice }) => server.send("POST", "/v1/invoices/void", { id: invoice.id }),
    finds: ["void_here_open_there"],
    outcomes: { void_here_open_there: "REFUSED" },
    because: /Money has arrived/,
    verify: isUntouched,
  },
  {
    name: "a credit note of ours is gone",
    payer: "open",
    mutate: async ({ invoice, id }) => {
      await creditNow(invoice.id);
      await run(sql`delete from collect.credit_note_lines where credit_note in
        (select id from collect.credit_notes where invoice = ${id})`);
      await run(sql`delete from collect.credit_notes where invoice = ${id}`);
      await run(sql`update collect.invoices set credited_before_minor = 0,
        amount_due_minor = total_minor where id = ${id}`);
    },
    finds: ["credit_note_missing"],
    outcomes: { credit_note_missing: "VERIFIED" },
    verify: async ({ id }) => {
      const { data } = await stripe.creditNotes.list({ invoice: id });
      expect(data.map(({ amount, status }) => `${status} ${amount}`)).toEqual(["issued 100"]);
    },
  },
  {
    name: "a credit note of ours was voided there",
    payer: "open",
    mutate: async ({ invoice, id }) => {
      await creditNow(invoice.id);
      const { data } = await stripe.creditNotes.list({ invoice: id });
      await stripe.creditNotes.voidCreditNote(data[0]?.id ?? "");
    },
    finds: ["credit_note_missing"],
    outcomes: { credit_note_missing: "REFUSED" },
    because: /was voided at Stripe/,
    verify: isRight,
  },
  {
    name: "somebody credited it there",
    payer: "open",
    mutate: ({ id }) => stripe.creditNotes.create({ invoice: id, amount: 100 }),
    finds: ["credit_note_extra"],
    outcomes: { credit_note_extra: "REFUSED" },
    because: /Somebody credited this/,
    verify: isRight,
  },
  {
    name: "a payment with our id waits to be made",
    payer: "open",
    mutate: (billed) =>
      stripe.paymentIntents.create({
        amount: 2034,
        currency: "usd",
        customer: billed.payer,
        metadata: ours(billed),
      }),
    finds: ["orphan_payment"],
    outcomes: { orphan_payment: "VERIFIED" },
    verify: async ({ payer }) => {
      const { data } = await stripe.paymentIntents.list({ customer: payer });
      expect(data.filter(({ metadata }) => metadata.metronome_id)).toMatchObject([
        { status: "canceled" },
      ]);
    },
  },
  {
    name: "a payment with our id was made",
    payer: "card",
    mutate: (billed) =>
      stripe.paymentIntents.create({
        amount: 2034,
        currency: "usd",
        customer: billed.payer,
        payment_method: "pm_card_visa",
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        metadata: ours(billed),
      }),
    finds: ["orphan_payment"],
    outcomes: { orphan_payment: "REFUSED" },
    because: /Money has arrived/,
    verify: isUntouched,
  },
  {
    name: "nothing was touched, open",
    payer: "open",
    mutate: nothing,
    finds: [],
    outcomes: {},
    verify: isRight,
  },
  {
    name: "nothing was touched, paid",
    payer: "card",
    mutate: nothing,
    finds: [],
    outcomes: {},
    verify: isUntouched,
  },
];

/** The item of Collect behind a line. */
async function itemOf(billed: Billed, index: number): Promise<string> {
  const line = billed.theirs.lines.data[index];
  return String(line?.parent?.invoice_item_details?.invoice_item);
}

const byMutation = new Map<string, Billed>();
let untouched: ShownReconciliation;
let before: ShownReconciliation;
let after: ShownReconciliation;

async function reconcile(body: Record<string, unknown> = {}): Promise<ShownReconciliation> {
  const made = await server.send("POST", "/v1/reconciliations", body);
  expect(made.body.data).toMatchObject({ status: "QUEUED", checked: 0 });
  await server.setClock(TODAY);
  return readReconciliation(server, made.body.data.id);
}

const apply = (id: string, body: Record<string, unknown>) =>
  server.send("POST", `/v1/reconciliations/${id}/apply`, body);

async function invoiceOf(customerId: string): Promise<Invoice> {
  const [invoice] = await listInvoices(server.metronome, customerId);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

/** A customer whose invoices are sent and stay open. */
async function createOpen(): Promise<BilledCustomer> {
  const { id: payer } = await stripe.customers.create({ name: "Acme", email: "a@acme.test" });
  const { data } = await server.metronome.v1.customers.create({
    name: "Acme",
    customer_billing_provider_configurations: [
      {
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration: {
          stripe_customer_id: payer,
          stripe_collection_method: "send_invoice",
        },
      },
    ],
  });
  return { id: data.id, payer };
}

/** 1,000 tokens and 101 calls for each. */
async function useAll(customerIds: readonly string[]): Promise<void> {
  for (const [type, value] of [
    [plan.tokens, 1000],
    [plan.calls, 101],
  ] as const) {
    await server.metronome.v1.usage.ingest({
      usage: customerIds.map((customerId) => ({
        transaction_id: `${type} ${customerId}`,
        customer_id: customerId,
        event_type: type,
        timestamp: monthStart(0),
        properties: { value },
      })),
    });
  }
}

beforeAll(async () => {
  server = await startTestServer();
  stripe = server.stripe;
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
  const customers = await fewAtATime(AT_ONCE, MUTATIONS, async ({ payer, prepare }) => {
    const customer = payer === "card" ? await createBilledCustomer(server) : await createOpen();
    await signMonth(server, plan, customer.id, 0);
    await prepare?.(customer.payer);
    return customer;
  });
  await useAll(customers.map(({ id }) => id));
  await server.setClock(TODAY);
  await fewAtATime(AT_ONCE, [...MUTATIONS.entries()], async ([index, { name }]) => {
    const { id: customerId = "", payer = "" } = customers[index] ?? {};
    const invoice = await invoiceOf(customerId);
    const id = invoice.external_invoice?.invoice_id ?? "";
    const theirs = id === "" ? ({} as Stripe.Invoice) : await stripe.invoices.retrieve(id);
    byMutation.set(name, { customerId, payer, invoice, theirs, id });
  });
  untouched = await reconcile();
  await loseWebhooks(stripe);
  await fewAtATime(AT_ONCE, MUTATIONS, async ({ name, mutate }) => {
    const billed = byMutation.get(name);
    if (billed !== undefined) await mutate(billed);
  });
  await server.setClock(TODAY);
  before = await reconcile();
  const chosen = MUTATIONS.flatMap(({ name, outcomes }) =>
    findingsOf(before, name).filter((finding) => Object.hasOwn(outcomes, finding.class)),
  );
  const applied = await apply(before.id, { finding_ids: chosen.map(({ id }) => id) });
  expect(applied.body.data).toEqual({ id: before.id, applying: chosen.length, unchanged: 0 });
  await server.setClock(TODAY);
  after = await readReconciliation(server, before.id);
}, 400_000);
afterAll(() => server?.close());

const findingsOf = (reconciliation: ShownReconciliation, name: string): ShownFinding[] => {
  const id = byMutation.get(name)?.invoice.id;
  return reconciliation.findings.filter((finding) => finding.invoice_id === id);
};

test("of invoices that nobody touched nothing is found but what was wrong from the start", () => {
  expect(untouched).toMatchObject({
    status: "COMPLETED",
    total: MUTATIONS.length,
    checked: MUTATIONS.length,
    finding_counts: { total: 2, by_class: { paid_without_money: 1, unsent: 1 } },
  });
  expect(untouched.documents).toBeGreaterThanOrEqual(MUTATIONS.length - 1);
});

describe.each(MUTATIONS)("$name", (mutation) => {
  test("is found, with what would be done about it", () => {
    const found = findingsOf(before, mutation.name);
    expect(found.map((each) => each.class).toSorted()).toEqual([...mutation.finds].toSorted());
    for (const { state, reason, repair } of found) {
      if (state === "REFUSED") expect(reason).toBe(repair.description);
      else expect(state).toBe("PROPOSED");
      expect(repair.action === "manual").toBe(state === "REFUSED");
    }
  });

  test("is repaired and verified, or refused with the reason", async () => {
    const found = findingsOf(after, mutation.name);
    const applied = found.filter((each) => Object.hasOwn(mutation.outcomes, each.class));
    expect(
      Object.fromEntries(applied.map((each) => [each.class, each.state])),
      JSON.stringify(applied.map(({ reason }) => reason)),
    ).toEqual(mutation.outcomes);
    for (const { state, reason } of applied) {
      if (state === "VERIFIED") expect(reason).toBeNull();
      else expect(reason).toMatch(mutation.because ?? /never/);
    }
    const billed = byMutation.get(mutation.name);
    if (billed === undefined) throw new Error("not billed");
    const invoice = await invoiceOf(billed.customerId);
    await mutation.verify({
      ...billed,
      invoice,
      findings: found,
      documents: await listProviderInvoices(stripe, billed.payer),
      status: invoice.external_invoice?.external_status,
    });
  });
});

test("what was repaired is not found again; what was refused and left alone is", async () => {
  const again = await reconcile();
  for (const { name, finds, outcomes } of MUTATIONS) {
    const stays = finds.filter(
      (each) => outcomes[each] === undefined || outcomes[each] !== "VERIFIED",
    );
    const found = findingsOf(again, name).map((each) => each.class);
    expect(
      found.filter((each) => !stays.includes(each)),
      name,
    ).toEqual([]);
  }
});

test("applying the same findings once more does nothing", async () => {
  const ids = after.findings.filter(({ state }) => state === "VERIFIED").map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(25);
  const { body } = await apply(before.id, { finding_ids: ids });
  expect(body.data).toEqual({ id: before.id, applying: 0, unchanged: ids.length });
  const steps = after.findings.reduce((sum, finding) => sum + finding.steps.length, 0);
  await server.setClock(TODAY);
  const now = await readReconciliation(server, before.id);
  expect(now.findings.reduce((sum, finding) => sum + finding.steps.length, 0)).toBe(steps);
});

test("every write has a key of its own, made of the finding", () => {
  const keys = after.findings.flatMap(({ id, steps }) =>
    steps.map(({ request }) => {
      expect(request.idempotency_key).toContain(id);
      return request.idempotency_key;
    }),
  );
  expect(keys.length).toBeGreaterThan(20);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a draft that somebody has finalized since is not taken back as the draft that was approved", async () => {
  const [billed] = byMutation.values();
  if (billed === undefined) throw new Error("not billed");
  const id = await copy(billed, { ledgerline_invoice_id: billed.invoice.id });
  const found = await reconcile();
  const finding = found.findings.find((each) => each.external_id === id);
  expect(finding).toMatchObject({ class: "orphan_draft", state: "PROPOSED" });
  await stripe.invoices.finalizeInvoice(id);
  await apply(found.id, { finding_ids: [finding?.id ?? ""] });
  await server.setClock(TODAY);
  const { findings } = await readReconciliation(server, found.id);
  expect(findings.find((each) => each.external_id === id)).toMatchObject({
    state: "REFUSED",
    reason: expect.stringMatching(/^It is (?:orphan_final|duplicate_invoice) by now/),
  });
  expect((await stripe.invoices.retrieve(id)).status).toBe("open");
  await stripe.invoices.voidInvoice(id);
});

test("a document that names an unknown invoice may be another installation's, and is left alone", async () => {
  const [billed] = byMutation.values();
  if (billed === undefined) throw new Error("not billed");
  const stranger = randomUUID();
  const id = await copy(billed, { ledgerline_invoice_id: stranger });
  const foreign = { ledgerline_invoice_id: stranger, ledgerline_environment: "PRODUCTION" };
  const other = await copy(billed, foreign);
  const found = await reconcile();
  const about = found.findings.filter((each) => [id, other].includes(each.external_id ?? ""));
  expect(about).toMatchObject([
    { class: "orphan_draft", external_id: id, state: "REFUSED", run_id: null },
  ]);
  await apply(found.id, { finding_ids: about.map((each) => each.id) });
  await server.setClock(TODAY);
  const [finding] = (await readReconciliation(server, found.id)).findings.filter(
    (each) => each.external_id === id,
  );
  expect(finding).toMatchObject({ state: "REFUSED", reason: expect.stringMatching(/another/) });
  expect((await stripe.invoices.retrieve(id)).status).toBe("draft");
  await stripe.invoices.del(id);
  await stripe.invoices.del(other);
});

describe("what is asked for", () => {
  const missing = "00000000-0000-4000-8000-000000000000";
  test.each([
    [{ connection_id: missing }, 404, "Connection"],
    [{ connection_id: "x" }, 400, "connection_id must be a uuid"],
    [{ provider: "nobody" }, 400, "provider must be one of quickbooks_online, stripe"],
    [{ automatic: ["no_such_class"] }, 400, "automatic[0] must be one of deleted"],
    [{ invoice_ids: [missing] }, 400, "invoice_ids[0] names no invoice of this environment"],
    [{ invoice_ids: [] }, 400, "invoice_ids"],
    [
      { starting_on: "2024-02-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" },
      400,
      "ending_before must be after",
    ],
    [{ starting_on: "yesterday" }, 400, "starting_on"],
    [{ unknown: 1 }, 400, "unknown field unknown"],
  ])("%j is answered by %i %s", async (body, status, message) => {
    const answer = await server.send("POST", "/v1/reconciliations", body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  test.each([
    [{}, 400, "give finding_ids, classes or both"],
    [{ finding_ids: [missing] }, 400, "finding_ids[0] names no finding of this reconciliation"],
    [{ classes: ["no_such_class"] }, 400, "classes[0] must be one of"],
  ])("applying %j is answered by %i %s", async (body, status, message) => {
    const answer = await apply(before.id, body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  test("a reconciliation of the other environment, or of none, is not found", async () => {
    const foreign = { authorization: `Bearer ${server.productionToken}` };
    const path = `/v1/reconciliations/${before.id}`;
    expect((await server.send("GET", path, undefined, foreign)).status).toBe(404);
    const body = { classes: ["deleted"] };
    expect((await server.send("POST", `${path}/apply`, body, foreign)).status).toBe(404);
    expect((await server.send("GET", `/v1/reconciliations/${missing}`)).status).toBe(404);
    const list = await server.send("GET", "/v1/reconciliations", undefined, foreign);
    expect(list.body.data).toEqual([]);
  });

  test("findings of another reconciliation are refused, and nothing is applied", async () => {
    const id = byMutation.get("voided there, and that is taken over")?.invoice.id;
    const own = await reconcile({ invoice_ids: [id] });
    const theirs = before.findings[0]?.id;
    const mine = own.findings.find(({ state }) => state === "PROPOSED")?.id;
    const answer = await apply(own.id, { finding_ids: [mine, theirs] });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain("finding_ids[1]");
    const shown = await readReconciliation(server, own.id);
    expect(shown.findings.filter(({ state }) => state === "APPLYING")).toEqual([]);
  });

  test("one that still compares takes no approval", async () => {
    const { body } = await server.send("POST", "/v1/reconciliations", {});
    await run(sql`update reconciliations set status = 'RUNNING' where id = ${body.data.id}`);
    await run(sql`delete from core_jobs where key = ${body.data.id}`);
    expect((await apply(body.data.id, { classes: ["deleted"] })).status).toBe(409);
  });

  test("a range by delivery, and single invoices", async () => {
    const none = await reconcile({ starting_on: "2024-03-01T00:00:00Z" });
    expect(none).toMatchObject({ total: 0, checked: 0, documents: 0, status: "COMPLETED" });
    const id = byMutation.get("somebody credited it there")?.invoice.id;
    const one = await reconcile({ invoice_ids: [id], provider: "stripe" });
    expect(one).toMatchObject({ total: 1, checked: 1, documents: 1 });
    expect(one.findings.map((each) => each.class)).toEqual(["credit_note_extra"]);
  });

  test("findings are paged and filtered, and the list shows what was found", async () => {
    const path = `/v1/reconciliations/${before.id}`;
    const filtered = await server.send("GET", `${path}?class=paid_twice&state=refused`);
    expect(filtered.body.data.findings).toHaveLength(1);
    const { body } = await server.send("GET", "/v1/reconciliations?limit=1");
    expect(body.data).toMatchObject([{ id: untouched.id, finding_counts: { total: 2 } }]);
    expect(body.next_page).toBeTypeOf("string");
  });
});

test("settings made later do not make wrong what was sent before", async () => {
  const name = "nothing was touched, open";
  const id = byMutation.get(name)?.invoice.id;
  const changes = { days_until_due: 5, stripe_invoice_quantity_always_string: true };
  await server.send("PATCH", "/v1/settings/stripe", changes);
  const found = await reconcile({ invoice_ids: [id] });
  expect(found.findings).toEqual([]);
});

describe("by itself", () => {
  const settings = (body: Record<string, unknown>) =>
    server.send("PATCH", "/v1/settings/reconciliation", body);

  test("the classes that are named are repaired without approval", async () => {
    const billed = byMutation.get("nothing was touched, paid");
    if (billed === undefined) throw new Error("not billed");
    const id = await copy(billed, ours(billed));
    await stripe.invoices.update(billed.id, { metadata: { metronome_id: "" } });
    const found = await reconcile({
      invoice_ids: [billed.invoice.id],
      automatic: ["ORPHAN_DRAFT"],
    });
    expect(found.automatic).toEqual(["orphan_draft"]);
    const states = found.findings.map((each) => `${each.class} ${each.state} ${each.approved_by}`);
    expect(states.toSorted()).toEqual([
      "metadata_removed PROPOSED null",
      "orphan_draft VERIFIED automatic",
    ]);
    await expect(stripe.invoices.retrieve(id)).rejects.toThrow(/No such invoice/);
  });

  test("what has put itself right meanwhile is resolved, and nothing is written", async () => {
    const billed = byMutation.get("nothing was touched, paid");
    if (billed === undefined) throw new Error("not billed");
    const found = await reconcile({ invoice_ids: [billed.invoice.id] });
    await stripe.invoices.update(billed.id, { metadata: ours(billed) });
    await apply(found.id, { classes: ["metadata_removed"] });
    await server.setClock(TODAY);
    const [finding] = (await readReconciliation(server, found.id)).findings;
    expect(finding).toMatchObject({ state: "RESOLVED", steps: [] });
  });

  test("it is off until it is switched on", async () => {
    const { body } = await server.send("GET", "/v1/settings/reconciliation");
    expect(body.data).toEqual({ schedule: "off", automatic_classes: [] });
    for (const wrong of [{ schedule: "hourly" }, { automatic_classes: ["x"] }, { other: 1 }]) {
      expect((await settings(wrong)).status).toBe(400);
    }
  });

  test("daily, once for one move of the sandbox's clock, with the classes of the settings", async () => {
    const changes = { schedule: "daily", automatic_classes: ["metadata_removed"] };
    expect((await settings(changes)).body.data).toEqual(changes);
    const billed = byMutation.get("nothing was touched, paid");
    await stripe.invoices.update(billed?.id ?? "", { metadata: { metronome_id: "" } });
    const list = async () => (await server.send("GET", "/v1/reconciliations?limit=100")).body.data;
    const known = (await list()).length;
    await server.setClock("2024-02-08T12:00:00Z");
    const [one, ...more] = (await list()).slice(known);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      status: "COMPLETED",
      created_at: "2024-02-08T00:00:00Z",
      created_by: "ledgerline",
      automatic: ["metadata_removed"],
    });
    const repaired = await stripe.invoices.retrieve(billed?.id ?? "");
    expect(repaired.metadata?.metronome_id).toBe(billed?.invoice.id);
    await server.setClock("2024-02-09T00:00:00Z");
    expect((await list()).length).toBe(known + 2);
    await settings({ schedule: "off" });
    await server.setClock("2024-02-12T00:00:00Z");
    expect((await list()).length).toBe(known + 2);
  });
});

test("an account whose key is no longer good is one finding, and the others are compared", async () => {
  await run(sql`update collect.secret_keys set expires_at = now() - interval '1 hour'`);
  const made = await server.send("POST", "/v1/reconciliations", {});
  await server.setClock("2024-02-12T00:00:00Z");
  const found = await readReconciliation(server, made.body.data.id);
  expect(found.status).toBe("COMPLETED");
  expect(found.findings.filter((each) => each.class === "unreadable")).toHaveLength(1);
});
