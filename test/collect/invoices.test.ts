import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;

beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
});
afterAll(() => collect.close());

/** A customer whose card is `card`, or who has none. */
async function customerWith(card?: string): Promise<string> {
  const customer = await stripe.customers.create({ name: "Amy", email: "amy@example.com" });
  if (card !== undefined) {
    const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
    await stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: method.id },
    });
  }
  return customer.id;
}

async function draftWith(customer: string, ...amounts: number[]): Promise<string> {
  const invoice = await stripe.invoices.create({
    customer,
    currency: "usd",
    auto_advance: false,
    pending_invoice_items_behavior: "exclude",
  });
  if (amounts.length > 0) {
    await stripe.invoices.addLines(invoice.id, { lines: amounts.map((amount) => ({ amount })) });
  }
  return invoice.id;
}

/** Status, code and parameter of a refused call. */
const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "accepted",
    (error: unknown) =>
      error instanceof Stripe.errors.StripeError
        ? `${error.statusCode} ${error.code} ${error.param ?? ""}`.trim()
        : String(error),
  );

const eventTypes = async (objectId: string): Promise<string[]> => {
  const events = await stripe.events.list({ limit: 100 });
  return events.data
    .filter((event) => Reflect.get(event.data.object, "id") === objectId)
    .map((event) => event.type)
    .reverse();
};

describe("the connector's way", () => {
  test("draft, lines, read back, finalize, charge, paid", async () => {
    const customer = await customerWith("pm_card_visa");
    const product = await stripe.products.create({ name: "Tokens" });
    const invoice = await stripe.invoices.create(
      {
        customer,
        currency: "usd",
        auto_advance: false,
        collection_method: "charge_automatically",
        pending_invoice_items_behavior: "exclude",
        automatic_tax: { enabled: false },
        discounts: "",
        metadata: { order: "7" },
        custom_fields: [{ name: "PO", value: "42" }],
      },
      { idempotencyKey: "inv:7:create" },
    );
    expect(invoice).toMatchObject({ status: "draft", total: 0, metadata: { order: "7" } });
    const period = { start: 1_704_067_200, end: 1_706_745_600 };
    const lines = Array.from({ length: 100 }, (_, index) => ({
      description: `Line ${index}`,
      metadata: { line: String(index) },
      period,
      ...(index === 0
        ? {
            price_data: {
              currency: "usd",
              product: product.id,
              unit_amount_decimal: Stripe.Decimal.from("0.000125"),
            },
            quantity: 18_059_974,
          }
        : { amount: index }),
    }));
    const key = { idempotencyKey: "inv:7:lines:0" };
    const added = await stripe.invoices.addLines(invoice.id, { lines }, key);
    await stripe.invoices.addLines(invoice.id, { lines }, key);
    await stripe.invoices.addLines(invoice.id, {
      lines: [
        {
          price_data: { currency: "usd", product_data: { name: "Seats" }, unit_amount: 1000 },
          quantity: 3,
        },
      ],
    });
    // 18,059,974 x 0.000125 = 2257.49675 -> 2257; 1 + ... + 99 = 4950; 3 x 1000 = 3000.
    const total = 2257 + 4950 + 3000;
    expect(added.lines.data).toHaveLength(10);
    expect(added.lines.has_more).toBe(true);
    const read: Stripe.InvoiceLineItem[] = [];
    for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: 40 })) {
      read.push(line);
    }
    expect(read.map((line) => line.metadata.line)).toEqual([
      ...lines.map((_, index) => String(index)),
      undefined,
    ]);
    expect(read.reduce((sum, line) => sum + line.amount, 0)).toBe(total);
    expect(read[0]).toMatchObject({ amount: 2257, quantity: 18_059_974, period });
    expect(String(read[0]?.pricing?.unit_amount_decimal)).toBe("0.000125");
    expect(read[100]?.description).toBe("Seats");

    const finalized = await stripe.invoices.finalizeInvoice(invoice.id, { auto_advance: true });
    expect(finalized).toMatchObject({ status: "open", total, amount_due: total });
    expect(finalized.number).toMatch(/-0001$/);
    await collect.advanceTo("2024-01-01T00:00:00Z");
    const paid = await stripe.invoices.retrieve(invoice.id, {
      expand: ["payments.data.payment.payment_intent", "customer"],
    });
    expect(paid).toMatchObject({
      status: "paid",
      amount_paid: total,
      amount_remaining: 0,
      attempted: true,
      attempt_count: 1,
      auto_advance: false,
      customer: { id: customer, name: "Amy" },
    });
    const [payment] = paid.payments?.data ?? [];
    expect(payment).toMatchObject({ status: "paid", amount_paid: total });
    expect(payment?.payment.payment_intent).toMatchObject({ status: "succeeded", amount: total });
    expect(await eventTypes(invoice.id)).toEqual([
      "invoice.created",
      "invoice.updated",
      "invoice.updated",
      "invoice.updated",
      "invoice.finalized",
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
    ]);
    const found = await stripe.invoices.search({ query: 'metadata["order"]:"7"' });
    expect(found.data.map(({ id }) => id)).toEqual([invoice.id]);
  });

  test("one key, two requests: one invoice, or a refusal", async () => {
    const customer = await customerWith();
    const key = { idempotencyKey: `twice:${customer}` };
    const first = await stripe.invoices.create({ customer }, key);
    const again = await stripe.invoices.create({ customer }, key);
    expect(again.id).toBe(first.id);
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1);
    const other = stripe.invoices.create({ customer, description: "other" }, key);
    expect(await refusalOf(other)).toMatch(/^400/);
  });
});

describe("states", () => {
  test("wrong calls are refused with their code and change nothing", async () => {
    const id = await draftWith(await customerWith(), 1000);
    expect(await refusalOf(stripe.invoices.voidInvoice(id))).toBe("400 status_transition_invalid");
    const uncollectible = stripe.invoices.markUncollectible(id);
    expect(await refusalOf(uncollectible)).toBe("400 status_transition_invalid");
    await stripe.invoices.finalizeInvoice(id);
    expect(await refusalOf(stripe.invoices.finalizeInvoice(id))).toBe("400 invoice_not_editable");
    expect(await refusalOf(stripe.invoices.del(id))).toBe("400 invoice_not_editable");
    const line = stripe.invoices.addLines(id, { lines: [{ amount: 1 }] });
    expect(await refusalOf(line)).toBe("400 invoice_not_editable");
    const item = stripe.invoiceItems.create({ invoice: id, amount: 1, currency: "usd" });
    expect(await refusalOf(item)).toBe("400 invoice_not_editable");
    const described = stripe.invoices.update(id, { description: "late" });
    expect(await refusalOf(described)).toBe("400 invoice_not_editable");
    const noted = await stripe.invoices.update(id, { metadata: { note: "any time" } });
    expect(noted.metadata).toEqual({ note: "any time" });
    const voided = await stripe.invoices.voidInvoice(id);
    expect(voided).toMatchObject({ status: "void", auto_advance: false, total: 1000 });
    expect(await refusalOf(stripe.invoices.pay(id))).toBe("400 status_transition_invalid");
    expect(await refusalOf(stripe.invoices.voidInvoice(id))).toBe("400 status_transition_invalid");
    const missing = stripe.invoices.retrieve("in_nothing");
    expect(await refusalOf(missing)).toBe("404 resource_missing invoice");
  });

  test("a deleted draft is gone; what was pending is pending again, what was its own is not", async () => {
    const customer = await customerWith();
    const pending = await stripe.invoiceItems.create({ customer, amount: 500, currency: "usd" });
    const invoice = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
    });
    expect(invoice.total).toBe(500);
    await stripe.invoices.addLines(invoice.id, { lines: [{ amount: 700 }] });
    const gone = await stripe.invoices.del(invoice.id);
    expect(gone).toMatchObject({ id: invoice.id, object: "invoice", deleted: true });
    expect(await refusalOf(stripe.invoices.retrieve(invoice.id))).toMatch(/^404/);
    const left = await stripe.invoiceItems.list({ customer });
    expect(left.data.map(({ id, invoice: on }) => [id, on])).toEqual([[pending.id, null]]);
  });

  test("uncollectible can still be paid elsewhere", async () => {
    const id = await draftWith(await customerWith(), 1000);
    await stripe.invoices.finalizeInvoice(id);
    const given = await stripe.invoices.markUncollectible(id);
    expect(given).toMatchObject({ status: "uncollectible", auto_advance: false });
    const paid = await stripe.invoices.pay(id, { paid_out_of_band: true });
    expect(paid).toMatchObject({ status: "paid", amount_paid: 1000, amount_remaining: 0 });
    const types = await eventTypes(id);
    expect(types).toContain("invoice.paid");
    expect(types).not.toContain("invoice.payment_succeeded");
  });

  test("sending finalizes a draft and keeps its due time", async () => {
    const customer = await customerWith();
    const invoice = await stripe.invoices.create({
      customer,
      collection_method: "send_invoice",
      days_until_due: 30,
    });
    await stripe.invoices.addLines(invoice.id, { lines: [{ amount: 1000 }] });
    const sent = await stripe.invoices.sendInvoice(invoice.id);
    expect(sent).toMatchObject({ status: "open", due_date: sent.created + 30 * 86_400 });
    expect((await eventTypes(invoice.id)).at(-1)).toBe("invoice.sent");
    const early = await stripe.invoices.list({ customer, due_date: { lt: sent.created } });
    expect(early.data).toEqual([]);
  });
});

describe("payment", () => {
  test("a declined charge leaves the invoice open and is tried 3, 5 and 7 days later", async () => {
    const declining = await openTestCollect("2024-02-01T00:00:00Z");
    try {
      const { stripe: client } = declining;
      const customer = await client.customers.create({});
      const method = await client.paymentMethods.attach("pm_card_chargeCustomerFail", {
        customer: customer.id,
      });
      const invoice = await client.invoices.create({
        customer: customer.id,
        default_payment_method: method.id,
      });
      await client.invoices.addLines(invoice.id, { lines: [{ amount: 1000 }] });
      await client.invoices.finalizeInvoice(invoice.id, { auto_advance: true });
      const attempts: unknown[] = [];
      for (const at of ["02-01", "02-03", "02-04", "02-09", "02-16", "03-16"]) {
        await declining.advanceTo(`2024-${at}T00:00:00Z`);
        const { attempt_count, next_payment_attempt, status } = await client.invoices.retrieve(
          invoice.id,
        );
        const next =
          next_payment_attempt === null
            ? null
            : new Date(next_payment_attempt * 1000).toISOString().slice(5, 10);
        attempts.push([at, attempt_count, next, status]);
      }
      expect(attempts).toEqual([
        ["02-01", 1, "02-04", "open"],
        ["02-03", 1, "02-04", "open"],
        ["02-04", 2, "02-09", "open"],
        ["02-09", 3, "02-16", "open"],
        ["02-16", 4, null, "open"],
        ["03-16", 4, null, "open"],
      ]);
      const failed = await client.events.list({ type: "invoice.payment_failed" });
      expect(failed.data).toHaveLength(4);
      const good = await client.paymentMethods.attach("pm_card_visa", { customer: customer.id });
      const paid = await client.invoices.pay(invoice.id, { payment_method: good.id });
      expect(paid).toMatchObject({ status: "paid", attempt_count: 4 });
    } finally {
      await declining.close();
    }
  });

  test("a declined pay is 402 and its attempt stays", async () => {
    const id = await draftWith(await customerWith("pm_card_chargeCustomerFail"), 1000);
    const error = await stripe.invoices.pay(id).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({
      statusCode: 402,
      code: "card_declined",
      decline_code: "generic_decline",
    });
    const invoice = await stripe.invoices.retrieve(id, { expand: ["payments"] });
    expect(invoice).toMatchObject({ status: "open", attempted: true, attempt_count: 1 });
    expect(invoice.payments?.data[0]).toMatchObject({ status: "open", amount_paid: null });
  });

  test("without a payment method there is nothing to charge", async () => {
    const id = await draftWith(await customerWith(), 1000);
    expect(await refusalOf(stripe.invoices.pay(id))).toBe("402 missing");
  });

  test("a card that needs its owner asks for action", async () => {
    const id = await draftWith(await customerWith("pm_card_authenticationRequired"), 1000);
    expect(await refusalOf(stripe.invoices.pay(id))).toBe("402 authentication_required");
    expect(await eventTypes(id)).toContain("invoice.payment_action_required");
  });

  test("another customer's card does not pay", async () => {
    const other = await customerWith();
    const foreign = await stripe.paymentMethods.attach("pm_card_visa", { customer: other });
    const id = await draftWith(await customerWith(), 1000);
    const call = stripe.invoices.pay(id, { payment_method: foreign.id });
    expect(await refusalOf(call)).toBe("400 resource_missing payment_method");
  });
});

describe("the customer's balance", () => {
  test("credit is used at finalization, the rest stays, a void gives it back", async () => {
    const customer = await customerWith();
    await stripe.customers.createBalanceTransaction(customer, { amount: -1500, currency: "usd" });
    const id = await draftWith(customer, 2000);
    const draft = await stripe.invoices.retrieve(id);
    expect(draft).toMatchObject({ starting_balance: -1500, ending_balance: null, total: 2000 });
    const open = await stripe.invoices.finalizeInvoice(id);
    expect(open).toMatchObject({ amount_due: 500, starting_balance: -1500, ending_balance: 0 });
    expect((await stripe.customers.retrieve(customer)) as Stripe.Customer).toMatchObject({
      balance: 0,
    });
    await stripe.invoices.voidInvoice(id);
    expect((await stripe.customers.retrieve(customer)) as Stripe.Customer).toMatchObject({
      balance: -1500,
    });
    const moves = await stripe.customers.listBalanceTransactions(customer);
    expect(moves.data.map(({ type, amount }) => [type, amount])).toEqual([
      ["unapplied_from_invoice", -1500],
      ["applied_to_invoice", 1500],
      ["adjustment", -1500],
    ]);
  });

  test("under the minimum it is paid without a charge and owed on the next invoice", async () => {
    const customer = await customerWith();
    const small = await draftWith(customer, 49);
    const paid = await stripe.invoices.finalizeInvoice(small);
    expect(paid).toMatchObject({
      status: "paid",
      total: 49,
      amount_due: 0,
      amount_paid: 0,
      ending_balance: 49,
    });
    const next = await stripe.invoices.finalizeInvoice(await draftWith(customer, 100));
    expect(next).toMatchObject({ status: "open", total: 100, amount_due: 149 });
  });

  test("a negative total is paid and becomes credit", async () => {
    const customer = await customerWith();
    const paid = await stripe.invoices.finalizeInvoice(await draftWith(customer, 100, -400));
    expect(paid).toMatchObject({
      status: "paid",
      total: -300,
      amount_due: 0,
      ending_balance: -300,
    });
  });
});

describe("advancing by itself", () => {
  test("a draft with auto_advance is finalized after an hour and charged", async () => {
    const own = await openTestCollect("2024-03-01T00:00:00Z");
    try {
      const { stripe: client } = own;
      const customer = await client.customers.create({});
      const method = await client.paymentMethods.attach("pm_card_visa", { customer: customer.id });
      const invoice = await client.invoices.create({
        customer: customer.id,
        auto_advance: true,
        default_payment_method: method.id,
      });
      await client.invoices.addLines(invoice.id, { lines: [{ amount: 1000 }] });
      await own.advanceTo("2024-03-01T00:59:59Z");
      expect((await client.invoices.retrieve(invoice.id)).status).toBe("draft");
      await own.advanceTo("2024-03-01T01:00:00Z");
      expect((await client.invoices.retrieve(invoice.id)).status).toBe("paid");
      const held = await client.invoices.create({ customer: customer.id, auto_advance: true });
      await client.invoices.addLines(held.id, { lines: [{ amount: 1000 }] });
      await client.invoices.update(held.id, { auto_advance: false });
      await own.advanceTo("2024-03-05T00:00:00Z");
      expect((await client.invoices.retrieve(held.id)).status).toBe("draft");
    } finally {
      await own.close();
    }
  });

  test("a draft that cannot be finalized keeps the reason", async () => {
    const own = await openTestCollect("2024-03-01T00:00:00Z");
    try {
      const { stripe: client } = own;
      const customer = await client.customers.create({});
      const invoice = await client.invoices.create({ customer: customer.id, auto_advance: true });
      await client.invoices.addLines(invoice.id, {
        lines: [{ amount: 99_999_999 }, { amount: 1 }],
      });
      await own.advanceTo("2024-03-02T00:00:00Z");
      const kept = await client.invoices.retrieve(invoice.id);
      expect(kept).toMatchObject({
        status: "draft",
        last_finalization_error: { code: "amount_too_large" },
      });
      const events = await client.events.list({ type: "invoice.finalization_failed" });
      expect(events.data).toHaveLength(1);
    } finally {
      await own.close();
    }
  });
});
