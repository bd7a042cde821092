import { describe, expect, test } from "vitest";
import type { SampleLine } from "../../../test/support/sample-delivery.ts";
import { credit, documentOf, planOf, units } from "../../../test/support/sample-plan.ts";

const customFields = {
  contract: { contract: { name: "Frame 7", long: "l".repeat(141), endless: "e".repeat(501) } },
  customer: { customer: { segment: "smb", empty: "" } },
  rate_card: { card: { plan: "Gold" } },
  invoice: { "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11": { note: "thanks" } },
  contract_product: {
    tokens: { stripe_product_id: "prod_tokens", region: "eu", spaced: "no id" },
    calls: { region: "us" },
  },
  commit: { commit: { kind: "prepaid" } },
  contract_credit: { gift: { kind: "promo" } },
  subscription: { sub: { plan: "pro" } },
  scheduled_charge: { fee: { reason: "setup" } },
};

const rules = (...texts: string[]) => ({
  entity_mappings: texts.map((text) => {
    const [entity, key, target] = text.split(" ");
    return { entity, key, target };
  }),
});

const tokens: SampleLine = { ...units("1", "100"), productId: "tokens" };
const calls: SampleLine = { ...units("1", "50"), productId: "calls" };
const make = (lines: SampleLine[], settings: Record<string, unknown>, options = {}) =>
  documentOf(lines, { settings, options, invoice: { customFields } });

describe("an invoice", () => {
  test("carries what its contract, card, customer and itself say", () => {
    const document = make(
      [tokens],
      rules(
        "contract name invoice.custom_field.Contract",
        "rate_card plan invoice.custom_field.Plan",
        "customer segment invoice.metadata.segment",
        "invoice note invoice.metadata.note",
      ),
    );
    expect(document.customFields).toEqual([
      { name: "Contract", value: "Frame 7" },
      { name: "Plan", value: "Gold" },
    ]);
    expect(document.metadata).toEqual({
      segment: "smb",
      note: "thanks",
      metronome_id: document.invoiceId,
      ledgerline_invoice_id: document.invoiceId,
      ledgerline_environment: "SANDBOX",
    });
  });

  test.each([
    ["a field without a value", "contract other invoice.metadata.a"],
    ["an empty value", "customer empty invoice.metadata.a"],
    ["a field named like an inherited property", "contract constructor invoice.metadata.a"],
  ])("carries nothing for %s", (_what, rule) => {
    expect(make([tokens], rules(rule)).metadata).not.toHaveProperty("a");
  });

  test("takes four custom fields, the purchase order's among them; a rule's comes first", () => {
    const options = { po_number_custom_field: "PO" };
    const four = ["A", "B", "C", "D"].map((name) => `contract name invoice.custom_field.${name}`);
    const invoice = { customFields, purchaseOrderNumber: "4711" };
    expect(planOf([tokens], { settings: rules(...four), options, invoice })).toMatchObject({
      outcome: "refuse",
      code: "too_many_custom_fields",
      message: expect.stringContaining("A, B, C, D, PO"),
    });
    const same = rules("contract name invoice.custom_field.PO");
    expect(documentOf([tokens], { settings: same, options, invoice }).customFields).toEqual([
      { name: "PO", value: "Frame 7" },
    ]);
  });

  test("takes fifty keys of metadata, the payment gate's among them", () => {
    const gate = Object.fromEntries(Array.from({ length: 47 }, (_, n) => [`k${n}`, "v"]));
    const collection = {
      method: "INVOICE",
      wanted: "paid",
      isOnSession: false,
      metadata: gate,
    } as const;
    const settings = rules("contract name invoice.metadata.a");
    expect(planOf([tokens], { invoice: { customFields, collection } }).outcome).toBe("send");
    expect(planOf([tokens], { settings, invoice: { customFields, collection } })).toMatchObject({
      outcome: "refuse",
      code: "too_much_metadata",
    });
  });
});

describe("a line", () => {
  test.each<[string, SampleLine, string, Record<string, unknown>]>([
    [
      "its product's",
      tokens,
      "contract_product region invoiceitem.metadata.x",
      { metadata: { x: "eu" } },
    ],
    [
      "of another product",
      calls,
      "contract_product region invoiceitem.metadata.x",
      { metadata: { x: "us" } },
    ],
    [
      "the contract's, as every line",
      calls,
      "contract name invoiceitem.metadata.x",
      { metadata: { x: "Frame 7" } },
    ],
    [
      "at its price",
      tokens,
      "contract_product region invoiceitem.price.metadata.x",
      { priceMetadata: { x: "eu" }, metadata: {} },
    ],
    [
      "the commit's that it buys",
      { ...tokens, type: "commit_purchase", purchasedCommitId: "commit" },
      "commit kind invoiceitem.metadata.x",
      { metadata: { x: "prepaid" } },
    ],
    [
      "the commit's that pays for it",
      { ...tokens, commit: { commitId: "commit", segmentId: "s", type: "PREPAID" } },
      "commit kind invoiceitem.metadata.x",
      { metadata: { x: "prepaid" } },
    ],
    [
      "the credit's that pays for it",
      { ...tokens, commit: { commitId: "gift", segmentId: "s", type: "CREDIT" } },
      "contract_credit kind invoiceitem.metadata.x",
      { metadata: { x: "promo" } },
    ],
    [
      "not a credit's as a commit's",
      { ...tokens, commit: { commitId: "gift", segmentId: "s", type: "CREDIT" } },
      "commit kind invoiceitem.metadata.x",
      { metadata: {} },
    ],
    [
      "its subscription's",
      { ...tokens, subscription: { id: "sub", isProrated: false } },
      "subscription plan invoiceitem.metadata.x",
      { metadata: { x: "pro" } },
    ],
    [
      "its charge's",
      { ...tokens, scheduledChargeId: "fee" },
      "scheduled_charge reason invoiceitem.metadata.x",
      { metadata: { x: "setup" } },
    ],
    [
      "of a product without the field",
      calls,
      "contract_product stripe_product_id invoiceitem.price",
      { productId: undefined },
    ],
    [
      "of a credit, which has no price",
      { ...credit("-5"), productId: "tokens" },
      "contract_product region invoiceitem.price.metadata.x",
      { priceMetadata: {} },
    ],
  ])("carries %s", (_what, line, rule, expected) => {
    expect(make([line], rules(rule)).lines[0]).toMatchObject(expected);
  });

  test("is of its own product before it is of the integration's", () => {
    const settings = rules("contract_product stripe_product_id invoiceitem.price");
    const options = { price_data_product_id: "prod_all" };
    const { lines } = make([tokens, calls], settings, options);
    expect(lines.map(({ productId }) => productId)).toEqual(["prod_tokens", "prod_all"]);
  });

  test.each<[string, Record<string, string>, string | undefined, (string | undefined)[]]>([
    [
      "the mapping before the field",
      { tokens: "prod_mapped" },
      undefined,
      ["prod_mapped", undefined],
    ],
    [
      "the field where nothing is mapped",
      { calls: "prod_mapped" },
      undefined,
      ["prod_tokens", "prod_mapped"],
    ],
    [
      "both before the integration's",
      { calls: "prod_mapped" },
      "prod_all",
      ["prod_tokens", "prod_mapped"],
    ],
    ["the integration's last", {}, "prod_all", ["prod_tokens", "prod_all"]],
  ])("is of the product that is mapped: %s", (_what, contract_product, all, expected) => {
    const { lines } = documentOf([tokens, calls], {
      settings: rules("contract_product stripe_product_id invoiceitem.price"),
      options: all === undefined ? {} : { price_data_product_id: all },
      invoice: { customFields, externalIds: { contract_product } },
    });
    expect(lines.map(({ productId }) => productId)).toEqual(expected);
  });

  test.each<[string, Record<string, string>, "group" | "collapse", (string | undefined)[]]>([
    ["each group its own", { tokens: "prod_a", calls: "prod_b" }, "group", ["prod_a", "prod_b"]],
    ["one for all that agree", { tokens: "prod_a", calls: "prod_a" }, "collapse", ["prod_a"]],
    ["none where they differ", { tokens: "prod_a", calls: "prod_b" }, "collapse", [undefined]],
    ["none where one is not mapped", { tokens: "prod_a" }, "collapse", [undefined]],
  ])("that stands for many: %s", (_what, contract_product, line_limit_behavior, expected) => {
    const many = (line: SampleLine) => Array.from({ length: 130 }, () => line);
    const { lines } = documentOf([...many(tokens), ...many(calls)], {
      settings: { line_limit_behavior },
      invoice: { externalIds: { contract_product } },
    });
    expect(lines.map(({ productId }) => productId)).toEqual(expected);
  });

  test("that is a credit has no price, and so no product", () => {
    const { lines } = documentOf([tokens, { ...credit("-5"), productId: "tokens" }], {
      invoice: { externalIds: { contract_product: { tokens: "prod_a" } } },
    });
    expect(lines.map(({ productId }) => productId)).toEqual(["prod_a", undefined]);
  });

  test("whose mapping is no id of a product is refused, naming it", () => {
    const invoice = { externalIds: { contract_product: { tokens: "not an id" } } };
    expect(planOf([tokens], { invoice })).toMatchObject({
      outcome: "refuse",
      code: "mapped_value_invalid",
      message: expect.stringMatching(/^The external mapping of product tokens .* then retry\.$/),
    });
    // Nothing of it is sent where it is of another product.
    expect(planOf([calls], { invoice })).toMatchObject({ outcome: "send" });
  });

  test("of many carries what they agree on", () => {
    const settings = {
      ...rules(
        "contract_product region invoiceitem.metadata.region",
        "subscription plan invoiceitem.metadata.plan",
        "contract name invoiceitem.metadata.contract",
      ),
      line_limit_behavior: "group",
    };
    const sub = { subscription: { id: "sub", isProrated: false } };
    const many = (line: SampleLine) => Array.from({ length: 130 }, () => line);
    const { lines } = make(
      [...many({ ...tokens, ...sub }), ...many(calls), { ...calls, ...sub }],
      settings,
    );
    expect(lines.map(({ metadata }) => metadata)).toEqual([
      { region: "eu", plan: "pro", contract: "Frame 7" },
      { region: "us", contract: "Frame 7" },
    ]);
    const one = make([...many(tokens), ...many(calls)], {
      ...settings,
      line_limit_behavior: "collapse",
    });
    expect(one.lines.map(({ metadata }) => metadata)).toEqual([{ contract: "Frame 7" }]);
  });
});

test.each([
  [
    "contract long invoice.custom_field.A",
    "mapped_value_too_long",
    /141 characters; Stripe takes 140/,
  ],
  [
    "contract endless invoice.metadata.a",
    "mapped_value_too_long",
    /contract\.endless to invoice\.metadata\.a/,
  ],
  [
    "contract endless invoiceitem.metadata.a",
    "mapped_value_too_long",
    /501 characters; Stripe takes 500/,
  ],
  [
    "contract_product spaced invoiceitem.price",
    "mapped_value_invalid",
    /no id of a Stripe product/,
  ],
])("%s is refused: %s", (rule, code, message) => {
  const plan = planOf([tokens], { settings: rules(rule), invoice: { customFields } });
  expect(plan).toMatchObject({ outcome: "refuse", code, message: expect.stringMatching(message) });
});

describe("a mapping that is no id of a product", () => {
  const externalIds = { contract_product: { tokens: "no id" } };

  test("is refused where a line would be sent with it", () => {
    expect(planOf([tokens, calls], { invoice: { externalIds } })).toMatchObject({
      outcome: "refuse",
      code: "mapped_value_invalid",
    });
  });

  test("is nothing to a credit, which has no price", () => {
    const lines = [calls, { ...credit("-5"), productId: "tokens" }];
    expect(planOf(lines, { invoice: { externalIds } })).toMatchObject({ outcome: "send" });
  });

  test("is nothing to a payment without an invoice, which has no lines", () => {
    const collection = {
      method: "PAYMENT_INTENT",
      wanted: "paid",
      isOnSession: false,
      metadata: {},
    } as const;
    expect(planOf([tokens], { invoice: { externalIds, collection } })).toMatchObject({
      outcome: "send",
    });
  });
});
