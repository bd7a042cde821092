import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import type { ProviderConnection } from "../provider-connection.ts";
import { verifyStripeWebhook } from "./webhooks.ts";

const { webhooks } = new Stripe("sk_test_unused");
const NEW = "whsec_new_secret";
const OLD = "whsec_old_secret";

const connection = (
  credential: Record<string, unknown>,
  environment: ProviderConnection["environment"] = "SANDBOX",
): ProviderConnection => ({
  id: "connection",
  environment,
  builtIn: false,
  credential,
  settings: {},
});

const event = (overrides: object = {}): string =>
  JSON.stringify({
    id: "evt_1",
    object: "event",
    type: "invoice.paid",
    livemode: false,
    data: {
      object: { id: "in_1", object: "invoice", metadata: { ledgerline_invoice_id: "ours" } },
    },
    ...overrides,
  });

const now = () => Math.floor(Date.now() / 1000);
const sign = (payload: string, secret: string, timestamp = now()): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp });

const verify = (
  payload: string,
  header: string,
  credential: Record<string, unknown> = { webhook_secret: NEW },
  environment?: ProviderConnection["environment"],
) => verifyStripeWebhook(connection(credential, environment), Buffer.from(payload), header);

describe("a signature", () => {
  test("fits over the raw bytes, spaces and all", () => {
    const payload = `${event()}\n `;
    expect(verify(payload, sign(payload, NEW))).toEqual({
      eventId: "evt_1",
      type: "invoice.paid",
      externalId: "in_1",
      invoiceId: "ours",
    });
  });

  test("of either secret is good while one is being changed", () => {
    const both = { webhook_secret: NEW, webhook_secrets: [OLD] };
    for (const secret of [NEW, OLD]) {
      expect(verify(event(), sign(event(), secret), both)?.eventId).toBe("evt_1");
    }
    const two = `${sign(event(), "whsec_other")},${sign(event(), OLD).split(",")[1]}`;
    expect(verify(event(), two, both)?.eventId).toBe("evt_1");
  });

  test.each([
    ["of another secret", () => verify(event(), sign(event(), OLD))],
    ["of another body", () => verify(event(), sign(event({ id: "evt_2" }), NEW))],
    ["older than five minutes", () => verify(event(), sign(event(), NEW, now() - 301))],
    ["that is not one", () => verify(event(), "nonsense")],
    ["that is empty", () => verify(event(), "")],
    ["of what is no JSON", () => verify("no json", sign("no json", NEW))],
    ["of what is no event", () => verify("null", sign("null", NEW))],
    ["without a secret to check it", () => verify(event(), sign(event(), NEW), {})],
  ])("%s does not fit", (_what, attempt) => {
    expect(attempt()).toBeUndefined();
  });

  test.each([
    [true, "SANDBOX", false],
    [false, "PRODUCTION", false],
    [true, "PRODUCTION", true],
    [false, "SANDBOX", true],
  ] as const)("livemode %s in %s: accepted %s", (livemode, environment, accepted) => {
    const payload = event({ livemode });
    const verified = verify(payload, sign(payload, NEW), { webhook_secret: NEW }, environment);
    expect(verified !== undefined).toBe(accepted);
  });
});

test.each([
  ["another kind of object", { data: { object: { id: "cus_1", object: "customer" } } }],
  ["no object", { data: {} }],
])("an event with %s names no invoice", (_what, overrides) => {
  const payload = event(overrides);
  const verified = verify(payload, sign(payload, NEW));
  expect([verified?.eventId, verified?.externalId, verified?.invoiceId]).toEqual([
    "evt_1",
    undefined,
    undefined,
  ]);
});

describe("an invoice without our metadata", () => {
  const line = (id: string, metadata: object) => ({
    metadata,
    parent: { type: "invoice_item_details", invoice_item_details: { invoice_item: id } },
  });
  const first = (id: string, of: string) =>
    line(id, { ledgerline_first_item: "1", ledgerline_invoice_id: of });
  const carrier = (others: object[], hasMore: boolean) => ({
    externalId: "in_1",
    others,
    hasMore,
  });
  test.each<[string, object, object]>([
    [
      "no item of ours",
      { data: [line("ii_0", {})], has_more: false },
      { externalId: "in_1", invoiceId: undefined, carrier: carrier([], false) },
    ],
    [
      "items of two invoices of ours, and more that it does not show",
      { data: [first("ii_1", "a"), line("ii_2", {}), first("ii_3", "b")], has_more: true },
      {
        externalId: "ii_1",
        invoiceId: "a",
        carrier: carrier([{ externalId: "ii_3", invoiceId: "b" }], true),
      },
    ],
  ])("with %s", (_what, lines, told) => {
    const payload = event({ data: { object: { id: "in_1", object: "invoice", lines } } });
    expect(verify(payload, sign(payload, NEW))).toMatchObject(told);
  });
});

describe("what an event alone tells of an invoice", () => {
  const open = { status: "open", attempt_count: 0, amount_paid: 0 };
  test.each<[string, object, string | undefined]>([
    ["invoice.created", { status: "draft" }, "DRAFT"],
    ["invoice.finalized", open, "FINALIZED"],
    ["invoice.paid", { ...open, status: "paid", attempt_count: 1 }, "PAID"],
    ["invoice.updated", { ...open, attempt_count: 1 }, undefined],
    ["invoice.updated", { ...open, amount_paid: 5 }, undefined],
    ["invoice.updated", { status: "void" }, undefined],
    ["invoice.payment_failed", open, undefined],
    ["invoice.payment_action_required", open, undefined],
    ["invoice.finalized", {}, undefined],
    ["invoice.paid", { object: "payment_intent", status: "paid" }, undefined],
  ])("%s with %j: %s", (type, given, told) => {
    const object = { id: "in_1", object: "invoice", ...given };
    const payload = event({ type, data: { object } });
    expect(verify(payload, sign(payload, NEW))?.told).toBe(told);
  });
});
