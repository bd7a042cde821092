import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createContract, createRateCard, createUsageProduct, use } from "../support/billing.ts";
import { openCustomBilling } from "../support/custom-system.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import {
  curl,
  differs,
  fill,
  type Ingredients,
  readBlocks,
  readExchange,
} from "../support/recipe.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let receiver: Receiver;

beforeAll(async () => {
  server = await startTestServer();
  receiver = await startReceiver();
  await server.setClock("2024-01-01T00:00:00Z");
});
afterAll(async () => {
  await receiver?.close();
  await server?.close();
});

/** Bills January: 1,000 tokens at 2 cents and 101 calls at a third of a cent, 2,000 + 33.633. */
async function billJanuary(customerId: string): Promise<void> {
  const { metronome } = server;
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "Tokens"), 2],
    [await createUsageProduct(metronome, "Calls"), 0.333],
  ]);
  await createContract(metronome, customerId, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
  await server.setClock("2024-01-10T00:00:00Z");
  await use(metronome, customerId, "Tokens", "2024-01-10T00:00:00Z", 1000);
  await use(metronome, customerId, "Calls", "2024-01-10T00:00:00Z", 101);
  await server.setClock("2024-02-02T00:00:00Z");
}

describe("docs/any-system.md", () => {
  test("its requests, sent as they stand there, are answered as it says", async () => {
    const known: Ingredients = new Map([
      ["receiver_url", receiver.url],
      ["base_url", server.url],
      ["token", server.sandboxToken],
    ]);
    let reply: { status: number; body: unknown } | undefined;
    const done: string[] = [];
    for (const { kind, text } of readBlocks("any-system.md")) {
      if (kind === "http") {
        const { method, path, body } = readExchange(fill(text, known));
        reply = await server.send(method, path, body);
        expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBe(200);
        done.push(`${method} ${path.split("?")[0]?.replace(/[0-9a-f-]{36}/g, "*")}`);
      }
      if (kind === "json") expect(differs(JSON.parse(text), reply?.body, known)).toBeUndefined();
      if (kind === "json webhook") {
        await billJanuary(String(known.get("customer_id")));
        const [event] = receiver.received.map(({ body }) => JSON.parse(body));
        expect(differs(JSON.parse(text), event, known)).toBeUndefined();
      }
      if (kind === "sh" && text.startsWith("curl")) {
        const answer = await curl(fill(text, known));
        const wanted = {
          data: [{ id: "{invoice_id}", external_invoice: { external_status: "PAID" } }],
        };
        expect([answer.status, differs(wanted, answer.body, known)]).toEqual([200, undefined]);
        done.push("curl");
      }
    }
    expect(done).toEqual([
      "POST /v1/connections",
      "POST /v1/customers",
      "POST /v1/webhook-endpoints",
      "GET /v1/customers/*/invoices/*",
      "PUT /v1/invoices/*/external-invoice",
      "PUT /v1/invoices/*/external-invoice",
      "GET /v1/runs",
      "curl",
    ]);
    expect(receiver.received).toHaveLength(1);
  });
});

describe("webhook, list, map: with the official client", () => {
  test("everything that a document elsewhere is made of is there", async () => {
    const { metronome } = server;
    const secret = "a secret of ours";
    const hook = await startReceiver();
    await server.send("POST", "/v1/webhook-endpoints", {
      url: hook.url,
      secret,
      event_types: ["invoice.finalized"],
    });
    for (const [entity, key] of [
      ["contract_product", "erp_item_id"],
      ["customer", "erp_customer_id"],
      ["contract", "erp_memo_ref"],
    ] as const) {
      await metronome.v1.customFields.addKey({ entity, key, enforce_uniqueness: false });
    }
    const { data: customer } = await metronome.v1.customers.create({
      name: "Mapped",
      custom_fields: { erp_customer_id: "C-17" },
    });
    const { data: metric } = await metronome.v1.billableMetrics.create({
      name: "Compute",
      aggregation_type: "SUM",
      aggregation_key: "value",
      event_type_filter: { in_values: ["compute"] },
      property_filters: [
        { name: "value", exists: true },
        { name: "region", exists: true },
      ],
      group_keys: [["region"]],
    });
    const { data: product } = await metronome.v1.contracts.products.create({
      name: "Warehouse Compute",
      type: "USAGE",
      billable_metric_id: metric.id,
      pricing_group_key: ["region"],
      custom_fields: { erp_item_id: "I-4" },
    });
    const { data: card } = await metronome.v1.contracts.rateCards.create({ name: "Compute" });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card.id,
      product_id: product.id,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 5400,
      pricing_group_values: { region: "eu" },
    });
    const { data: contract } = await metronome.v1.contracts.create({
      customer_id: customer.id,
      rate_card_id: card.id,
      starting_at: "2024-03-01T00:00:00Z",
      ending_before: "2024-04-01T00:00:00Z",
      custom_fields: { erp_memo_ref: "PO 9" },
    });
    await server.setClock("2024-03-10T00:00:00Z");
    await metronome.v1.usage.ingest({
      usage: [
        {
          transaction_id: "compute-1",
          customer_id: customer.id,
          event_type: "compute",
          timestamp: "2024-03-10T00:00:00Z",
          properties: { value: "140.73", region: "eu" },
        },
      ],
    });
    await server.setClock("2024-04-02T00:00:00Z");

    // 1. The event, by its signature on the raw bytes.
    const [{ body = "", headers = {} } = {}] = hook.received;
    const event = metronome.webhooks.unwrap(
      body,
      headers as Record<string, string>,
      secret,
    ) as unknown as {
      properties: { customer_id: string; invoice_id: string; invoice_finalized_date: string };
    };
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "invoice.finalized",
      properties: {
        invoice_id: expect.any(String),
        customer_id: customer.id,
        invoice_finalized_date: "2024-04-02T00:00:00Z",
      },
    });
    expect(() =>
      metronome.webhooks.unwrap(`${body} `, headers as Record<string, string>, secret),
    ).toThrow(/signature/);

    // 2. The list, by the day of the event.
    const { customer_id, invoice_id, invoice_finalized_date: finalized } = event.properties;
    const day = finalized.slice(0, 10);
    const page = await metronome.v1.customers.invoices.list({
      customer_id,
      status: "FINALIZED",
      starting_on: `${day}T00:00:00.000Z`,
      ending_before: "2024-04-03T00:00:00.000Z",
    });
    expect(page.data.map(({ id }) => id)).toEqual([invoice_id]);

    // 3. Every field that is mapped. 140.73 x 54.00 dollars = 7,599.42.
    expect(page.data[0]).toMatchObject({
      id: invoice_id,
      customer_id,
      contract_id: contract.id,
      status: "FINALIZED",
      issued_at: "2024-04-02T00:00:00Z",
      start_timestamp: "2024-03-01T00:00:00Z",
      end_timestamp: "2024-04-01T00:00:00Z",
      subtotal: 759942,
      total: 759942,
      credit_type: { name: "USD (cents)" },
      customer_custom_fields: { erp_customer_id: "C-17" },
      contract_custom_fields: { erp_memo_ref: "PO 9" },
      line_items: [
        {
          name: "Warehouse Compute",
          type: "usage",
          quantity: 140.73,
          unit_price: 5400,
          total: 759942,
          product_id: product.id,
          product_custom_fields: { erp_item_id: "I-4" },
          pricing_group_values: { region: "eu" },
          starting_at: "2024-03-01T00:00:00Z",
          ending_before: "2024-04-01T00:00:00Z",
        },
      ],
    });
    await hook.close();
  });
});

interface Reply {
  readonly data: unknown;
}

test("what is written back with the official client and credited afterwards is announced with what it comes to", async () => {
  const { metronome } = server;
  const hook = await startReceiver();
  await server.send("POST", "/v1/webhook-endpoints", {
    url: hook.url,
    event_types: ["credit_note.issued", "credit_note.voided"],
  });
  await server.setClock("2024-05-01T00:00:00Z");
  const billing = await openCustomBilling(server, 4);
  const invoice = await billing.bill("Credited");
  // What the official client has no method for goes over its plain ones.
  const written = { external_id: "E-1", status: "FINALIZED", total: 2034 };
  const told = await metronome.put<Reply>(`/v1/invoices/${invoice.id}/external-invoice`, {
    body: written,
  });
  expect(told.data).toMatchObject({ applied: true, external_invoice: { invoiced_total: 2034 } });
  const query = { invoice_id: invoice.id, status: "QUEUED" };
  expect((await metronome.get<Reply>("/v1/runs", { query })).data).toEqual([]);
  const { body: explained } = await server.send("GET", `/v1/invoices/${invoice.id}/explain`);
  const [line] = explained.data.line_items.filter(
    ({ name }: { name: string }) => name === billing.plan.calls,
  );
  // Two calls are 0.666 cents, a cent. Four are 1.332, a cent as well. All is 2,033.633, which is 2,034.
  const two = { line_items: [{ line_key: line.line_key, quantity: 2 }] };
  const notes = [];
  for (const credited of [two, two, { full: true }]) {
    const note = { invoice_id: invoice.id, ...credited };
    const { body } = await server.send("POST", "/v1/credit-notes", note);
    notes.push(body.data);
  }
  expect(notes.map(({ total, rounded_total: rounded }) => [total, rounded])).toEqual([
    [0.666, 1],
    [0.666, 0],
    [2032.301, 2033],
  ]);
  expect(notes.map(({ delivery }) => delivery.status)).toEqual(["SKIPPED", "SKIPPED", "SKIPPED"]);
  await server.send("POST", `/v1/credit-notes/${notes[2].id}/void`);
  await server.setClock(billing.billedAt());
  // Messages of one instant come in any order.
  const heard = hook.received.map(({ body }) => JSON.parse(body));
  const names = heard.map(({ type, properties }) => `${type} ${properties.credit_note_id}`);
  const issued = notes.map(({ id }) => `credit_note.issued ${id}`);
  expect(names.sort()).toEqual([...issued.sort(), `credit_note.voided ${notes[2].id}`]);
  const { body } = await server.send("GET", `/v1/credit-notes/${notes[2].id}`);
  expect(body.data).toMatchObject({ status: "VOID", rounded_total: 2033 });
  await hook.close();
});
