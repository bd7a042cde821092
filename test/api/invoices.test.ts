import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * The sandbox's clock only goes forwards once a contract exists, so the months of this file follow
 * on each other: each describe block plays in its own month.
 */
let server: TestServer;
let tokens: string;
let storage: string;
let prepayment: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-06-01T00:00:00Z");
  tokens = await createUsageProduct(server.metronome, "tokens");
  storage = await createUsageProduct(server.metronome, "storage");
  prepayment = await createFixedProduct(server.metronome, "prepayment");
  card = await createRateCard(server.metronome, [
    [tokens, 100],
    [storage, 50],
  ]);
});

afterAll(async () => {
  await server.close();
});

const newCustomer = async (terms: NewContract, rateCardId = card) => {
  const customerId = await createCustomer(server.metronome);
  const contractId = await createContract(server.metronome, customerId, rateCardId, terms);
  return { customerId, contractId };
};

const usageOf = (invoices: readonly Invoice[]) => invoices.filter(({ type }) => type === "USAGE");

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1);
  return items[0] as T;
};

describe("the life of a usage invoice (June)", () => {
  let customerId: string;
  let contractId: string;

  beforeAll(async () => {
    ({ customerId, contractId } = await newCustomer({ starting_at: "2024-06-01T00:00:00Z" }));
  });

  test("a draft exists from the start of the period, with empty lines in card order", async () => {
    const draft = only(await listInvoices(server.metronome, customerId));
    expect(draft).toMatchObject({
      customer_id: customerId,
      contract_id: contractId,
      type: "USAGE",
      status: "DRAFT",
      start_timestamp: "2024-06-01T00:00:00Z",
      end_timestamp: "2024-07-01T00:00:00Z",
      credit_type: { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" },
      subtotal: 0,
      total: 0,
      external_invoice: null,
      billable_status: "billable",
      custom_fields: {},
      customer_custom_fields: {},
      contract_custom_fields: {},
    });
    expect(draft.issued_at).toBeUndefined();
    expect(draft.line_items.map(showLine)).toEqual(["tokens: 0 x 100 = 0", "storage: 0 x 50 = 0"]);
  });

  test("usage shows on the draft at once, exact to the last digit", async () => {
    await server.setClock("2024-06-10T00:00:00Z");
    await use(server.metronome, customerId, "tokens", "2024-06-09T10:00:00Z", 3);
    await use(server.metronome, customerId, "storage", "2024-06-09T10:30:00Z", "0.000000000001");
    const { data } = await server.metronome.v1.customers.invoices.retrieve({
      customer_id: customerId,
      invoice_id: only(await listInvoices(server.metronome, customerId)).id,
    });
    const raw = await fetch(`${server.url}/v1/customers/${customerId}/invoices/${data.id}`, {
      headers: { authorization: `Bearer ${server.sandboxToken}` },
    });
    expect(await raw.text()).toContain('"subtotal":300.00000000005,"total":300.00000000005');
    expect(data.line_items[0]).toMatchObject({
      name: "tokens",
      type: "usage",
      product_id: tokens,
      product_type: "UsageProductListItem",
      product_tags: [],
      product_custom_fields: {},
      quantity: 3,
      unit_price: 100,
      total: 300,
      starting_at: "2024-06-01T00:00:00Z",
      ending_before: "2024-07-01T00:00:00Z",
    });
  });

  test("lines without quantity are left out on request", async () => {
    const customer = (await newCustomer({ starting_at: "2024-06-01T00:00:00Z" })).customerId;
    const skipped = await listInvoices(server.metronome, customer, {
      skip_zero_qty_line_items: true,
    });
    expect(only(skipped).line_items).toEqual([]);
  });

  test("the period ends: the draft waits for its grace beside the next one", async () => {
    await server.setClock("2024-07-01T23:59:59Z");
    const invoices = await listInvoices(server.metronome, customerId);
    expect(invoices.map(({ status, start_timestamp }) => [status, start_timestamp])).toEqual([
      ["DRAFT", "2024-06-01T00:00:00Z"],
      ["DRAFT", "2024-07-01T00:00:00Z"],
    ]);
    await use(server.metronome, customerId, "tokens", "2024-06-30T23:59:59Z", 1);
    expect((await listInvoices(server.metronome, customerId))[0]?.total).toBe(400.00000000005);
  });

  test("grace ends: it is finalized, issued at that instant, and no event changes it", async () => {
    await server.setClock("2024-07-02T00:00:00Z");
    const [june, july] = await listInvoices(server.metronome, customerId);
    expect(june).toMatchObject({
      status: "FINALIZED",
      issued_at: "2024-07-02T00:00:00Z",
      total: 400.00000000005,
    });
    expect(july?.status).toBe("DRAFT");
    await use(server.metronome, customerId, "tokens", "2024-06-30T22:00:00Z", 7);
    expect((await listInvoices(server.metronome, customerId))[0]).toEqual(june);
  });

  test("what came too late is reported, and billed nowhere", async () => {
    const [june, july] = await listInvoices(server.metronome, customerId);
    expect(july?.total).toBe(0);
    const { body } = await server.send("GET", `/v1/invoices/${june?.id}/late-usage`);
    expect(body.data).toEqual([
      {
        billable_metric_id: expect.any(String),
        group_values: {},
        starting_at: "2024-06-01T00:00:00Z",
        ending_before: "2024-07-01T00:00:00Z",
        invoiced_value: 4,
        current_value: 11,
        late_event_count: 1,
      },
    ]);
  });

  test("a rate added later, a renamed product change nothing on it", async () => {
    const [before] = await listInvoices(server.metronome, customerId);
    await server.metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card,
      product_id: tokens,
      starting_at: "2024-06-15T00:00:00Z",
      ending_before: "2024-06-16T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 999,
    });
    const [after] = await listInvoices(server.metronome, customerId);
    expect(after).toEqual(before);
  });
});

describe("reading", () => {
  let customerId: string;
  let contractId: string;

  beforeAll(async () => {
    ({ customerId, contractId } = await newCustomer({
      starting_at: "2024-04-01T00:00:00Z",
      scheduled_charges: [
        {
          product_id: prepayment,
          schedule: {
            credit_type_id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
            schedule_items: [
              { timestamp: "2024-05-10T00:00:00Z", amount: 500 },
              { timestamp: "2025-05-10T00:00:00Z", amount: 700 },
            ],
          },
        },
      ],
    }));
    // What was due when the contract was made is finalized in the background: the clock waits for it.
    await server.setClock("2024-07-02T00:00:00Z");
  });

  const show = (invoices: readonly Invoice[]) =>
    invoices.map(({ type, status, start_timestamp, total }) =>
      [type, status, start_timestamp?.slice(0, 7) ?? total].join(" "),
    );

  test("a contract that began in the past has its closed periods finalized at once", async () => {
    const invoices = await listInvoices(server.metronome, customerId);
    expect(show(invoices)).toEqual([
      "USAGE FINALIZED 2024-04",
      "USAGE FINALIZED 2024-05",
      "USAGE FINALIZED 2024-06",
      "SCHEDULED FINALIZED 500",
      "USAGE DRAFT 2024-07",
      "SCHEDULED DRAFT 700",
    ]);
    // Issued when it was made, not before it existed.
    expect(invoices[0]?.issued_at).toBe("2024-07-02T00:00:00Z");
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ["by status, in any case", { status: "draft" }, ["USAGE DRAFT 2024-07", "SCHEDULED DRAFT 700"]],
    ["by type", { type: "SCHEDULED", status: "FINALIZED" }, ["SCHEDULED FINALIZED 500"]],
    ["no invoice is consolidated", { type: "USAGE_CONSOLIDATED" }, []],
    [
      "by period, which must lie inside",
      { starting_on: "2024-04-01T00:00:00Z", ending_before: "2024-06-15T00:00:00Z", type: "USAGE" },
      ["USAGE FINALIZED 2024-04", "USAGE FINALIZED 2024-05"],
    ],
    [
      "a period may end where the window does",
      { starting_on: "2024-05-01T00:00:00Z", ending_before: "2024-06-01T00:00:00Z", type: "USAGE" },
      ["USAGE FINALIZED 2024-05"],
    ],
    [
      "newest first",
      { sort: "date_desc", status: "FINALIZED", type: "USAGE" },
      ["USAGE FINALIZED 2024-06", "USAGE FINALIZED 2024-05", "USAGE FINALIZED 2024-04"],
    ],
    ["by another contract", { contract_id: "00000000-0000-4000-8000-000000000000" }, []],
    ["by another currency", { credit_type_id: "00000000-0000-4000-8000-000000000000" }, []],
  ])("filters: %s", async (_what, query, expected) => {
    expect(show(await listInvoices(server.metronome, customerId, query))).toEqual(expected);
  });

  test("pages of any size hold every invoice once, in the same order", async () => {
    const whole = await listInvoices(server.metronome, customerId);
    const paged = await listInvoices(server.metronome, customerId, { limit: 2 });
    expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    const last = await server.send("GET", `/v1/customers/${customerId}/invoices?limit=6`);
    expect(last.body.next_page).toBeNull();
  });

  /** GET with a body, as curl sends it and the client here does not. */
  async function getWithBody(query: string, form: string) {
    const { request } = await import("node:http");
    const body = await new Promise<string>((resolve, reject) => {
      const call = request(
        `${server.url}/v1/customers/${customerId}/invoices${query}`,
        {
          method: "GET",
          headers: {
            authorization: `Bearer ${server.sandboxToken}`,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(form),
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () => resolve(Buffer.concat(parts).toString()));
        },
      );
      call.on("error", reject);
      call.end(form);
    });
    return JSON.parse(body);
  }

  test("a window of one day finds what was finalized on it, also as a form body on GET", async () => {
    const form =
      "status=FINALIZED&starting_on=2024-07-02T00%3A00%3A00.000Z&ending_before=2024-07-03T00:00:00.000Z";
    const found = [
      "USAGE FINALIZED 2024-04",
      "USAGE FINALIZED 2024-05",
      "USAGE FINALIZED 2024-06",
      "SCHEDULED FINALIZED 500",
    ];
    expect(show((await getWithBody("", form)).data)).toEqual(found);
    expect(show((await getWithBody("?status=FINALIZED", form)).data)).toEqual(found);
  });

  test.each([
    ["?status=FINALIZED", "status=DRAFT", "status is given twice"],
    ["", "status=FINALIZED&status=DRAFT", "status is given twice"],
    ["", '{"status": "FINALIZED"}', "not as JSON"],
    ["", '[{"status": "FINALIZED"}]', "not as JSON"],
  ])(
    "filters of a GET that would not count are refused: %s and %s",
    async (query, body, message) => {
      expect(await getWithBody(query, body)).toEqual({ message: expect.stringContaining(message) });
    },
  );

  test("an empty body of a GET says nothing", async () => {
    const all = show((await getWithBody("", "")).data);
    for (const body of ["{}", " {\n} "]) {
      expect(show((await getWithBody("", body)).data)).toEqual(all);
    }
  });

  test("custom fields of customer, contract and product are echoed, and frozen with the invoice", async () => {
    const { metronome } = server;
    for (const entity of ["customer", "contract", "contract_product", "invoice"] as const) {
      await metronome.v1.customFields.addKey({ entity, key: "ref", enforce_uniqueness: false });
    }
    const set = (entity: "customer" | "contract" | "contract_product" | "invoice", id: string) =>
      metronome.v1.customFields.setValues({
        entity,
        entity_id: id,
        custom_fields: { ref: `${entity} ref` },
      });
    const [finalized] = await listInvoices(metronome, customerId);
    await set("customer", customerId);
    await set("contract", contractId);
    await set("contract_product", tokens);
    await set("invoice", finalized?.id ?? "");
    const [old, , , , draft] = await listInvoices(metronome, customerId);
    expect(draft).toMatchObject({
      custom_fields: {},
      customer_custom_fields: { ref: "customer ref" },
      contract_custom_fields: { ref: "contract ref" },
    });
    expect(draft?.line_items[0]?.product_custom_fields).toEqual({ ref: "contract_product ref" });
    expect(old).toMatchObject({
      custom_fields: { ref: "invoice ref" },
      customer_custom_fields: {},
      contract_custom_fields: {},
    });
  });
});

describe("bad input", () => {
  let path: string;
  let otherCustomer: string;

  beforeAll(async () => {
    const { customerId } = await newCustomer({ starting_at: "2024-06-01T00:00:00Z" });
    path = `/v1/customers/${customerId}/invoices`;
    otherCustomer = await createCustomer(server.production);
  });

  test.each([
    ["?status=PAID", 400, "status must be one of DRAFT, FINALIZED, VOID"],
    ["?limit=0", 400, "limit must be >= 1"],
    ["?limit=101", 400, "limit must be <= 100"],
    ["?limit=ten", 400, "limit must be integer"],
    ["?starting_on=yesterday", 400, "starting_on must be an RFC 3339 instant"],
    ["?next_page=bm9uc2Vuc2U", 400, "next_page is not a token of this list"],
    ["?next_page=aToyMDI0LTk5LTk5VDAwOjAwOjAwWi8x", 400, "next_page is not a token of this list"],
    ["?contract_id=1", 400, "contract_id must be a uuid"],
    ["?include_list_prices=perhaps", 400, "include_list_prices must be boolean"],
    ["?colour=red", 400, "unknown field colour"],
    ["/not-a-uuid", 400, "invoice_id must be a uuid"],
    ["/00000000-0000-4000-8000-000000000000", 404, "not found"],
  ])("%s -> %d", async (suffix, status, message) => {
    const reply = await server.send("GET", `${path}${suffix}`);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  test("a customer of the other environment is not found", async () => {
    const reply = await server.send("GET", `/v1/customers/${otherCustomer}/invoices`);
    expect(reply.status).toBe(404);
    const mine = await server.production.v1.customers.invoices
      .list({ customer_id: path.split("/")[3] ?? "" })
      .then(
        () => "found",
        (error: { status?: number }) => error.status,
      );
    expect(mine).toBe(404);
  });

  test("another customer's invoice is not found under this one", async () => {
    const { customerId } = await newCustomer({ starting_at: "2024-06-01T00:00:00Z" });
    const [theirs] = usageOf(await listInvoices(server.metronome, customerId));
    expect((await server.send("GET", `${path}/${theirs?.id}`)).status).toBe(404);
  });
});
