import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** What is taken back of invoices, and money that goes back. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

interface Made {
  readonly customer: string;
  readonly id: string;
  readonly lines: readonly string[];
}

/** A finalized invoice of 100.00 and 50.00, 10% off, 20% tax on top: 150.00 - 15.00 + 27.00. */
async function invoice(pay: boolean): Promise<Made> {
  const customer = await world.customer("pm_card_visa");
  const coupon = await stripe.coupons.create({ percent_off: 10 });
  const rate = await stripe.taxRates.create({
    display_name: "VAT",
    percentage: 20,
    inclusive: false,
  });
  const { id } = await stripe.invoices.create({
    customer,
    currency: "usd",
    discounts: [{ coupon: coupon.id }],
    default_tax_rates: [rate.id],
  });
  await stripe.invoices.addLines(id, {
    lines: [
      { amount: 10_000, description: "Work" },
      { amount: 5000, description: "Material" },
    ],
  });
  const finalized = await stripe.invoices.finalizeInvoice(id);
  expect(finalized.total).toBe(16_200);
  if (pay) await stripe.invoices.pay(id);
  return { customer, id, lines: finalized.lines.data.map((line) => line.id) };
}

const amounts = async (id: string) => {
  const found = await stripe.invoices.retrieve(id);
  return {
    status: found.status,
    due: found.amount_due,
    remaining: found.amount_remaining,
    before: found.pre_payment_credit_notes_amount,
    after: found.post_payment_credit_notes_amount,
  };
};

/** A finalized invoice of these lines. */
async function invoiceOf(
  lines: Stripe.InvoiceAddLinesParams["lines"],
): Promise<Made & { readonly total: number }> {
  const customer = await world.customer("pm_card_visa");
  const { id } = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(id, { lines });
  const made = await stripe.invoices.finalizeInvoice(id);
  return { customer, id, total: made.total, lines: made.lines.data.map((line) => line.id) };
}

const partOf = (
  line: string | undefined,
  part: { readonly amount: number } | { readonly quantity: number },
) => ({ type: "invoice_line_item" as const, invoice_line_item: String(line), ...part });

describe("however a line is cut", () => {
  test("by quantity: all units come to all of the line, and no more of them go back", async () => {
    const { id: product } = await stripe.products.create({ name: "Seat" });
    const unit_amount_decimal = Stripe.Decimal.from("66.6666666667");
    const price_data = { currency: "usd", product, unit_amount_decimal };
    const made = await invoiceOf([{ quantity: 3, price_data }]);
    expect(made.total).toBe(200);
    const totals: number[] = [];
    for (let unit = 0; unit < 3; unit += 1) {
      const lines = [partOf(made.lines[0], { quantity: 1 })];
      totals.push((await stripe.creditNotes.create({ invoice: made.id, lines })).total);
    }
    // 66.67, 133.33 and 200 rounded, less what went before.
    expect(totals).toEqual([67, 66, 67]);
    const other = await invoiceOf([{ quantity: 3, price_data }, { amount: 900 }]);
    const call = stripe.creditNotes.create({
      invoice: other.id,
      lines: [partOf(other.lines[0], { quantity: 2 }), partOf(other.lines[0], { quantity: 2 })],
    });
    expect(await world.refusal(call)).toBe("400 undefined lines[1][quantity]");
  });

  test("with a voided note in between: the tax that goes back is the line's", async () => {
    const rate = await stripe.taxRates.create({
      display_name: "VAT",
      percentage: 33,
      inclusive: false,
    });
    const made = await invoiceOf([{ amount: 3, tax_rates: [rate.id] }, { amount: 1000 }]);
    // 0.99 of tax.
    expect(made.total).toBe(1004);
    const one = () =>
      stripe.creditNotes.create({
        invoice: made.id,
        lines: [partOf(made.lines[0], { amount: 1 })],
      });
    const first = await one();
    await one();
    await stripe.creditNotes.voidCreditNote(first.id);
    await one();
    await one();
    const { data } = await stripe.creditNotes.list({ invoice: made.id });
    const held = data.filter(({ status }) => status === "issued");
    expect(held.reduce((sum, { total }) => sum + total, 0)).toBe(4);
  });

  test("a line that is discounted to nothing has nothing to take back", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 100 });
    const made = await invoiceOf([
      { amount: 5000, discounts: [{ coupon: coupon.id }] },
      { amount: 1000 },
    ]);
    const call = stripe.creditNotes.create({
      invoice: made.id,
      lines: [partOf(made.lines[0], { amount: 5000 })],
    });
    expect(await world.refusal(call)).toBe("400 undefined lines");
    expect((await amounts(made.id)).before).toBe(0);
  });
});

test("its lines are read page by page, those of a preview as well", async () => {
  const made = await invoiceOf([{ amount: 5000 }]);
  const lines = Array.from({ length: 12 }, (_, n) => ({
    type: "custom_line_item" as const,
    description: `Line ${n}`,
    unit_amount: n + 1,
    quantity: 1,
  }));
  const expected = lines.map(({ description }) => description);
  const preview = await stripe.creditNotes
    .listPreviewLineItems({ invoice: made.id, lines, limit: 5 })
    .autoPagingToArray({ limit: 100 })
    .catch((error: unknown) => error);
  // A preview is made anew for each page, under new ids: there is no page after the first.
  expect(preview).toMatchObject({ code: "resource_missing", param: "starting_after" });
  const whole = await stripe.creditNotes.listPreviewLineItems({
    invoice: made.id,
    lines,
    limit: 100,
  });
  expect(whole.data.map(({ description }) => description)).toEqual(expected);
  const note = await stripe.creditNotes.create({ invoice: made.id, lines });
  expect([note.lines.data.length, note.lines.has_more]).toEqual([10, true]);
  const first = await stripe.creditNotes.listLineItems(note.id);
  expect([first.data.length, first.has_more]).toEqual([10, true]);
  const all = await stripe.creditNotes
    .listLineItems(note.id, { limit: 5 })
    .autoPagingToArray({ limit: 100 });
  expect(all.map(({ description }) => description)).toEqual(expected);
  const ending_before = String(all.at(-1)?.id);
  const back = await stripe.creditNotes.listLineItems(note.id, { ending_before, limit: 3 });
  expect(back.data.map(({ description }) => description)).toEqual(["Line 8", "Line 9", "Line 10"]);
});

test("changes at once of its metadata, and of a refund's, all stay", async () => {
  const made = await invoice(true);
  const note = await stripe.creditNotes.create({ invoice: made.id, amount: 5, credit_amount: 5 });
  const [charge] = (await stripe.charges.list({ customer: made.customer })).data;
  const refund = await stripe.refunds.create({ charge: String(charge?.id), amount: 1 });
  const keys = ["a", "b", "c", "d", "e", "f"];
  await Promise.all(
    keys.flatMap((key) => [
      stripe.creditNotes.update(note.id, { metadata: { [key]: "1" } }),
      stripe.refunds.update(refund.id, { metadata: { [key]: "1" } }),
    ]),
  );
  const { metadata } = await stripe.creditNotes.retrieve(note.id);
  expect(Object.keys(metadata ?? {}).sort()).toEqual(keys);
  const kept = await stripe.refunds.retrieve(refund.id);
  expect(Object.keys(kept.metadata ?? {}).sort()).toEqual(keys);
});

test("money goes back over all the charges that paid, and what they do not hold is refused", async () => {
  const made = await invoiceOf([{ amount: 5000 }]);
  const [method] = (await stripe.customers.listPaymentMethods(made.customer)).data;
  const intent = await stripe.paymentIntents.create({
    customer: made.customer,
    amount: 1500,
    currency: "usd",
    confirm: true,
    off_session: true,
    payment_method: String(method?.id),
  });
  await stripe.invoices.attachPayment(made.id, { payment_intent: intent.id });
  await stripe.invoices.pay(made.id);
  await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
  const beyond = stripe.creditNotes.create({
    invoice: made.id,
    amount: 4501,
    refund_amount: 4501,
  });
  expect(await world.refusal(beyond)).toBe("400 undefined refund_amount");
  const note = await stripe.creditNotes.create({
    invoice: made.id,
    amount: 4500,
    refund_amount: 4500,
  });
  const parts = note.refunds.map((refund) => refund.amount_refunded).sort((a, b) => a - b);
  expect(parts).toEqual([1000, 3500]);
});

describe("before payment", () => {
  test("a note on half a line takes half of its discount and tax; then less is charged", async () => {
    const { id, lines, customer } = await invoice(false);
    const note = await stripe.creditNotes.create({
      invoice: id,
      reason: "order_change",
      lines: [{ type: "invoice_line_item", invoice_line_item: String(lines[0]), amount: 5000 }],
    });
    // 50.00 - 5.00 + 9.00.
    expect(note).toMatchObject({
      status: "issued",
      type: "pre_payment",
      subtotal: 5000,
      discount_amount: 500,
      total: 5400,
      total_excluding_tax: 4500,
      pre_payment_amount: 5400,
      post_payment_amount: 0,
      number: expect.stringMatching(/-CN-01$/),
    });
    expect(note.total_taxes).toMatchObject([{ amount: 900, taxable_amount: 4500 }]);
    const shown = [...note.lines.data, ...(await stripe.creditNotes.listLineItems(note.id)).data];
    expect(shown.map(({ tax_rates: rates }) => rates.map(({ percentage }) => percentage))).toEqual([
      [20],
      [20],
    ]);
    expect(await amounts(id)).toEqual({
      status: "open",
      due: 10_800,
      remaining: 10_800,
      before: 5400,
      after: 0,
    });
    await stripe.invoices.pay(id);
    const { data } = await stripe.charges.list({ customer });
    expect(data.map(({ amount }) => amount)).toEqual([10_800]);
    expect(await world.events(note.id)).toEqual(["credit_note.created"]);
  });

  test("notes over all of it leave nothing to pay", async () => {
    const { id, lines } = await invoice(false);
    for (const line of lines) {
      const amount = line === lines[0] ? 10_000 : 5000;
      await stripe.creditNotes.create({
        invoice: id,
        lines: [{ type: "invoice_line_item", invoice_line_item: line, amount }],
      });
    }
    expect(await amounts(id)).toEqual({
      status: "paid",
      due: 0,
      remaining: 0,
      before: 16_200,
      after: 0,
    });
  });

  test("a note can be voided while its invoice is open, and once", async () => {
    const { id } = await invoice(false);
    const note = await stripe.creditNotes.create({ invoice: id, amount: 1200, memo: "Sorry" });
    expect((await amounts(id)).due).toBe(15_000);
    expect(await stripe.creditNotes.voidCreditNote(note.id)).toMatchObject({ status: "void" });
    expect(await amounts(id)).toMatchObject({ due: 16_200, before: 0 });
    const again = stripe.creditNotes.voidCreditNote(note.id);
    expect(await world.refusal(again)).toBe("400 status_transition_invalid");
    await stripe.invoices.pay(id);
    expect(await amounts(id)).toMatchObject({ status: "paid", remaining: 0 });
  });
});

describe("after payment", () => {
  test("money goes back as a refund, to the balance, and elsewhere, at once", async () => {
    const { id, customer } = await invoice(true);
    const note = await stripe.creditNotes.create({
      invoice: id,
      lines: [{ type: "custom_line_item", description: "Goodwill", unit_amount: 200, quantity: 3 }],
      refund_amount: 300,
      credit_amount: 200,
      out_of_band_amount: 100,
      expand: ["refunds.refund", "customer_balance_transaction"],
    });
    expect(note).toMatchObject({
      type: "post_payment",
      total: 600,
      out_of_band_amount: 100,
      refunds: [{ amount_refunded: 300, refund: { object: "refund", amount: 300 } }],
      customer_balance_transaction: { type: "credit_note", amount: -200 },
    });
    const { data } = await stripe.customers.listBalanceTransactions(customer);
    expect(data).toMatchObject([
      {
        type: "credit_note",
        amount: -200,
        ending_balance: -200,
        credit_note: note.id,
        invoice: id,
      },
    ]);
    const charges = await stripe.charges.list({ customer });
    expect(charges.data[0]).toMatchObject({ amount_refunded: 300, refunded: false });
    expect(await amounts(id)).toMatchObject({ status: "paid", after: 600 });
  });

  test("a preview makes nothing", async () => {
    const { id, lines } = await invoice(true);
    const params: Stripe.CreditNotePreviewParams = {
      invoice: id,
      refund_amount: 10_800,
      lines: [{ type: "invoice_line_item", invoice_line_item: String(lines[0]), amount: 10_000 }],
    };
    expect((await stripe.creditNotes.preview(params)).total).toBe(10_800);
    expect((await stripe.creditNotes.list({ invoice: id })).data).toEqual([]);
    expect(await amounts(id)).toMatchObject({ after: 0 });
  });
});

describe("refused, and nothing changed", () => {
  type Params = Partial<Stripe.CreditNoteCreateParams>;
  test.each<[string, (made: Made) => Params, string]>([
    [
      "more than the invoice",
      () => ({ amount: 16_201, refund_amount: 16_201 }),
      "400 undefined amount",
    ],
    ["nothing", () => ({}), "400 parameter_missing amount"],
    ["money that has no way back", () => ({ amount: 500 }), "400 undefined refund_amount"],
    [
      "two ways for more than it is",
      () => ({ amount: 500, refund_amount: 300, credit_amount: 300 }),
      "400 undefined refund_amount",
    ],
    [
      "more of a line than there is",
      ({ lines }) => ({
        lines: [{ type: "invoice_line_item", invoice_line_item: String(lines[1]), amount: 5001 }],
      }),
      "400 undefined lines[0][amount]",
    ],
    [
      "a line of another invoice",
      () => ({ lines: [{ type: "invoice_line_item", invoice_line_item: "il_x", amount: 1 }] }),
      "400 resource_missing lines[0][invoice_line_item]",
    ],
    [
      "an amount that the lines do not come to",
      ({ lines }) => ({
        amount: 1,
        lines: [{ type: "invoice_line_item", invoice_line_item: String(lines[1]), amount: 100 }],
      }),
      "400 undefined amount",
    ],
    [
      "shipping",
      () => ({ amount: 1, shipping_cost: { shipping_rate: "shr_1" } }),
      "400 parameter_unknown shipping_cost",
    ],
  ])("%s", async (_what, params, refusal) => {
    const made = await invoice(true);
    const call = stripe.creditNotes.create({ invoice: made.id, ...params(made) });
    expect(await world.refusal(call)).toBe(refusal);
    expect((await stripe.creditNotes.list({ invoice: made.id })).data).toEqual([]);
    expect(await amounts(made.id)).toMatchObject({ after: 0, before: 0 });
  });

  test("on a draft", async () => {
    const customer = await world.customer();
    const { id } = await stripe.invoices.create({ customer, currency: "usd" });
    const call = stripe.creditNotes.create({ invoice: id, amount: 1 });
    expect(await world.refusal(call)).toBe("400 undefined invoice");
  });

  test("of several notes at once those that fit are made, and no more", async () => {
    const { id } = await invoice(true);
    const notes = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        stripe.creditNotes.create({ invoice: id, amount: 5000, credit_amount: 5000 }),
      ),
    );
    expect(notes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(await amounts(id)).toMatchObject({ after: 15_000 });
  });
});

describe("refunds", () => {
  test("of a payment: in parts, never more than it was", async () => {
    const { customer } = await invoice(true);
    const [charge] = (await stripe.charges.list({ customer })).data;
    const payment_intent = String(charge?.payment_intent);
    const first = await stripe.refunds.create({
      payment_intent,
      amount: 6200,
      reason: "duplicate",
    });
    expect(first).toMatchObject({ status: "succeeded", charge: charge?.id, reason: "duplicate" });
    const tooMuch = stripe.refunds.create({ payment_intent, amount: 10_001 });
    expect(await world.refusal(tooMuch)).toBe("400 undefined amount");
    const rest = await stripe.refunds.create({ charge: String(charge?.id) });
    expect(rest.amount).toBe(10_000);
    const again = stripe.refunds.create({ payment_intent });
    expect(await world.refusal(again)).toBe("400 charge_already_refunded");
    expect(await stripe.charges.retrieve(String(charge?.id))).toMatchObject({
      amount_refunded: 16_200,
      refunded: true,
    });
    const updated = await stripe.refunds.update(first.id, { metadata: { by: "Ann" } });
    expect(updated.metadata).toEqual({ by: "Ann" });
    expect((await stripe.refunds.list({ payment_intent })).data).toHaveLength(2);
    expect(await world.events(first.id)).toEqual(["refund.created", "refund.updated"]);
    expect((await world.events(String(charge?.id))).at(-1)).toBe("charge.refunded");
  });

  test("of several at once no more than the charge", async () => {
    const { customer } = await invoice(true);
    const [charge] = (await stripe.charges.list({ customer })).data;
    const made = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        stripe.refunds.create({ charge: String(charge?.id), amount: 5000 }),
      ),
    );
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });
});
