import type Metronome from "@metronome/sdk";
import { parse } from "csv-parse/sync";
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
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * Files for accounting systems over HTTP. Acme uses 1,000 tokens at 2 cents and 101 calls at a third of
 * a cent in January: 2000 + 33.633 cents, 20.34 dollars. Lyon pays 2.50 euros. What is issued in March is a
 * hundred and one charges of a dollar. April is less than nothing: 350 tokens back, 600 calls, -700 + 199.8 cents.
 */
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";
const JANUARY = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" };
const YEAR = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2025-01-01T00:00:00Z" };
const FEBRUARY = { starting_on: "2024-02-01T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" };
const MARCH = { starting_on: "2024-03-01T00:00:00Z", ending_before: "2024-04-01T00:00:00Z" };
const APRIL = { starting_at: "2024-04-01T00:00:00Z", ending_before: "2024-05-01T00:00:00Z" };
const MAY = { starting_on: "2024-05-01T00:00:00Z", ending_before: "2024-06-01T00:00:00Z" };
const USAGE = { format: "quickbooks", default_item: "Usage" };

let server: TestServer;
let metronome: Metronome;
let acme: string;
let calls: string;
let usage: Invoice;

type Charges = NonNullable<NewContract["scheduled_charges"]>;

const charges = (
  product: string,
  at: readonly string[],
  price: number,
  creditTypeId?: string,
): Charges => [
  {
    product_id: product,
    schedule: {
      ...(creditTypeId === undefined ? {} : { credit_type_id: creditTypeId }),
      schedule_items: at.map((timestamp) => ({ timestamp, unit_price: price, quantity: 1 })),
    },
  },
];

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-25T00:00:00Z");
  const tokens = await createUsageProduct(metronome, "tokens");
  calls = await createUsageProduct(metronome, "calls");
  const card = await createRateCard(metronome, [
    [tokens, 2],
    [calls, 0.333],
  ]);
  const empty = await createRateCard(metronome, []);
  const fee = await createFixedProduct(metronome, "Fee");
  acme = await createCustomer(metronome, "Acme, Inc.");
  await createContract(metronome, acme, card, { ...JANUARY, net_payment_terms_days: 30 });
  await use(metronome, acme, "tokens", "2024-01-10T00:00:00Z", 1000);
  await use(metronome, acme, "calls", "2024-01-10T00:00:00Z", 101);
  const { data: inEuro } = await metronome.v1.contracts.rateCards.create({
    name: "Prices in euro",
    fiat_credit_type_id: EUR,
  });
  await createContract(metronome, await createCustomer(metronome, "Lyon"), inEuro.id, {
    ...JANUARY,
    scheduled_charges: charges(fee, ["2024-01-31T00:00:00Z"], 2.5, EUR),
  });
  const many = Array.from({ length: 101 }, (_, hour) =>
    new Date(Date.UTC(2024, 2, 1, hour)).toISOString().replace(".000Z", "Z"),
  );
  const busy = await createCustomer(metronome, "Busy");
  await createContract(metronome, busy, empty, {
    ...YEAR,
    usage_statement_schedule: { frequency: "ANNUAL" },
    scheduled_charges: charges(fee, many, 100),
  });
  const refunded = await createCustomer(metronome, "Refunded");
  await createContract(metronome, refunded, card, APRIL);
  await server.setClock("2024-04-20T00:00:00Z");
  await use(metronome, refunded, "tokens", "2024-04-10T00:00:00Z", -350);
  await use(metronome, refunded, "calls", "2024-04-10T00:00:00Z", 600);
  await server.setClock("2024-06-01T00:00:00Z");
  const [found] = await listInvoices(metronome, acme, { type: "USAGE" });
  if (found === undefined) throw new Error("no invoice");
  usage = found;
}, 120_000);
afterAll(() => server.close());

type Row = Record<string, string>;

async function ask(query: Record<string, string>) {
  const found = await server.send(
    "GET",
    `/v1/invoices/accounting-file?${new URLSearchParams(query)}`,
  );
  const rows: Row[] = found.status === 200 ? parse(found.body, { columns: true, bom: true }) : [];
  const header = (name: string) => found.headers.get(name);
  return { ...found, rows, header };
}

const numberOf = (id: string): string => `LL-${id.replaceAll("-", "").slice(0, 16)}`;

describe("a file", () => {
  test("has a row for each line, and they add up to the rounded total", async () => {
    const file = await ask({ ...USAGE, ...FEBRUARY });
    expect([file.status, file.header("content-type"), file.header("content-disposition")]).toEqual([
      200,
      "text/csv; charset=utf-8",
      'attachment; filename="invoices-quickbooks-2024-02-01.csv"',
    ]);
    expect(
      file.rows.map((row) => [row["*Customer"], row["*ItemAmount"], row.ItemDescription]),
    ).toEqual([
      ["Acme, Inc.", "20", "tokens, 2024-01-01 to 2024-02-01"],
      ["Acme, Inc.", "0.34", "calls (101 x 0.00333), 2024-01-01 to 2024-02-01"],
    ]);
    expect(file.rows[0]).toMatchObject({
      "*InvoiceNo": numberOf(usage.id),
      Memo: usage.id,
      "*InvoiceDate": "02/02/2024",
      "*DueDate": "03/03/2024",
      Currency: "USD",
    });
    // What Lyon's contract bills by usage has no line: there is nothing to book.
    const counts = ["x-document-count", "x-row-count", "x-left-out-count", "x-next-page"];
    expect(counts.map(file.header)).toEqual(["1", "2", "1", null]);
  });

  test("is the same bytes when it is asked for again", async () => {
    const [first, again] = [
      await ask({ ...USAGE, ...FEBRUARY }),
      await ask({ ...USAGE, ...FEBRUARY }),
    ];
    expect(again.body).toBe(first.body);
  });

  test("names currencies, and keeps to one that is asked for", async () => {
    const window = { starting_on: "2024-01-31T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" };
    const all = await ask({ ...USAGE, ...window });
    expect(all.rows.map((row) => [row["*ItemAmount"], row.Currency])).toEqual([
      ["2.5", "EUR"],
      ["20", "USD"],
      ["0.34", "USD"],
    ]);
    const euros = await ask({ ...USAGE, ...window, credit_type_id: EUR });
    expect(euros.rows.map(({ Currency }) => Currency)).toEqual(["EUR"]);
  });

  test("names codes of products and customers as they are now", async () => {
    const fields = [
      ["contract_product", "accounting_item", calls, "API calls"],
      ["customer", "accounting_name", acme, "Acme Incorporated"],
    ] as const;
    for (const [entity, key, id, value] of fields) {
      await metronome.v1.customFields.addKey({ entity, key, enforce_uniqueness: false });
      await metronome.v1.customFields.setValues({
        entity,
        entity_id: id,
        custom_fields: { [key]: value },
      });
    }
    const file = await ask({ ...USAGE, ...FEBRUARY, format: "netsuite" });
    expect(file.rows.map((row) => [row["External ID"], row.Customer, row.Item])).toEqual([
      [usage.id, "Acme Incorporated", "Usage"],
      [usage.id, "Acme Incorporated", "API calls"],
    ]);
  });

  test("ends at what the system imports at once, and says where the next begins", async () => {
    const first = await ask({ ...USAGE, ...MARCH });
    expect([first.rows.length, first.header("x-document-count")]).toEqual([100, "100"]);
    const next = first.header("x-next-page") ?? "";
    const second = await ask({ ...USAGE, ...MARCH, next_page: next });
    expect([second.rows.length, second.header("x-next-page")]).toEqual([1, null]);
    const numbers = [...first.rows, ...second.rows].map((row) => row["*InvoiceNo"]);
    expect(new Set(numbers).size).toBe(101);
    const whole = await ask({ ...USAGE, ...MARCH, format: "netsuite" });
    expect(whole.rows.length).toBe(101);
  });

  test("begins with a byte order mark and has another form of date when that is asked for", async () => {
    const options = { byte_order_mark: "true", date_format: "yyyy-mm-dd", number_prefix: "INV" };
    const file = await ask({ ...USAGE, ...FEBRUARY, ...options });
    const query = new URLSearchParams({ ...USAGE, ...FEBRUARY, ...options });
    const response = await fetch(`${server.url}/v1/invoices/accounting-file?${query}`, {
      headers: { authorization: `Bearer ${server.sandboxToken}` },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 13).toString("latin1")).toBe("\xEF\xBB\xBF*InvoiceNo");
    expect(file.rows[0]?.["*InvoiceDate"]).toBe("2024-02-02");
    expect(file.rows[0]?.["*InvoiceNo"]).toBe(`INV${numberOf(usage.id).slice(3)}`);
  });

  test("keeps to a customer, to what was issued here, and to given days where no terms say any", async () => {
    const window = { starting_on: "2024-01-31T00:00:00Z", ending_before: "2024-03-02T00:00:00Z" };
    const own = await ask({ ...USAGE, ...window, customer_id: acme });
    expect(own.rows.map((row) => row["*DueDate"])).toEqual(["03/03/2024", "03/03/2024"]);
    const elsewhere = await ask({ ...USAGE, ...window, imported: "true" });
    expect(elsewhere.rows).toEqual([]);
    const days = await ask({ ...USAGE, ...window, net_terms_days: "10", credit_type_id: EUR });
    expect(days.rows.map((row) => row["*DueDate"])).toEqual(["02/10/2024"]);
    const atOnce = await ask({ ...USAGE, ...window, credit_type_id: EUR });
    expect(atOnce.rows.map((row) => row["*DueDate"])).toEqual(["01/31/2024"]);
  });

  test("of another environment has nothing of this one", async () => {
    const query = new URLSearchParams({ ...USAGE, ...FEBRUARY });
    const response = await fetch(`${server.url}/v1/invoices/accounting-file?${query}`, {
      headers: { authorization: `Bearer ${server.productionToken}` },
    });
    expect((await response.text()).split("\r\n")).toHaveLength(2);
  });
});

describe("what a file cannot take", () => {
  test("less than nothing is refused, or left out, and is in the file of credit notes", async () => {
    const refused = await ask({ ...USAGE, ...MAY });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringMatching(
        /comes to -5, and QuickBooks Online takes no invoice below zero.*documents=credit_notes/,
      ),
    ]);
    const left = await ask({ ...USAGE, ...MAY, leave_out: "negative_totals" });
    expect([left.rows, left.header("x-left-out-count")]).toEqual([[], "1"]);
    const notes = await ask({ ...USAGE, ...MAY, documents: "credit_notes" });
    expect(notes.rows.map((row) => [row["*CreditNoteDate"], row["*ItemAmount"]])).toEqual([
      ["05/02/2024", "7"],
      ["05/02/2024", "-2"],
    ]);
  });

  test("what is on hold is refused, or left out", async () => {
    const hold = (held: { held_at: string; held_by: string; hold_reason: string } | null) =>
      server.db
        .updateTable("invoices")
        .set(held ?? { held_at: null, held_by: null, hold_reason: null })
        .where("id", "=", usage.id)
        .execute();
    // As it is when it was held before its delivery began.
    await hold({ held_at: "2024-02-02T00:00:00Z", held_by: "ops", hold_reason: "wait" });
    const refused = await ask({ ...USAGE, ...FEBRUARY });
    expect(refused.body.message).toMatch(/is on hold: release it, or .*leave_out=on_hold/);
    const left = await ask({ ...USAGE, ...FEBRUARY, leave_out: "on_hold" });
    expect([left.rows, left.header("x-left-out-count")]).toEqual([[], "2"]);
    await hold(null);
  });

  test("a line without a code is refused by its product", async () => {
    const { status, body } = await ask({ format: "xero", ...FEBRUARY });
    expect(status).toBe(400);
    expect(body.message).toMatch(
      /^Xero needs an account code on every line: product \S+ \("tokens", on invoice/,
    );
  });

  test.each([
    [{ format: "sage" }, /format must be one of QUICKBOOKS, XERO, NETSUITE/],
    [
      { default_account_code: "200" },
      /default_account_code: a file for QuickBooks Online has no column/,
    ],
    [{ leave_out: "drafts" }, /leave_out must be some of negative_totals, on_hold, taxed/],
    [{ documents: "credit_notes", leave_out: "negative_totals" }, /leave_out: credit notes are/],
    [
      { documents: "credit_notes", net_terms_days: "3" },
      /net_terms_days: credit notes are not due/,
    ],
    [{ ending_before: FEBRUARY.starting_on }, /ending_before must be after starting_on/],
    [
      { credit_type_id: "0d957803-4661-595a-9b00-3792cb62f9ff" },
      /credit_type_id must be that of a currency/,
    ],
    [{ number_prefix: "TOO-LONG" }, /number_prefix/],
    [{ next_page: "p" }, /next_page is not a token/],
    [{ status: "DRAFT" }, /status must be one of FINALIZED, VOID/],
    [{ account: "1" }, /unknown field account/],
  ])("%j is refused", async (query, message) => {
    const { status, body } = await ask({ ...USAGE, ...FEBRUARY, ...query } as Record<
      string,
      string
    >);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test("a customer that is not there is a 404", async () => {
    const { status } = await ask({ ...USAGE, ...FEBRUARY, customer_id: EUR });
    expect(status).toBe(404);
  });
});

describe("issued credit notes", () => {
  const NOTES = { ...USAGE, documents: "issued_credit_notes" };
  let window: { starting_on: string; ending_before: string };
  const notes: string[] = [];

  beforeAll(async () => {
    const { body } = await server.send("GET", "/v1/sandbox/clock");
    const at = Date.parse(body.data.now);
    const instantAt = (ms: number) => new Date(ms).toISOString();
    window = { starting_on: instantAt(at - 60_000), ending_before: instantAt(at + 60_000) };
    for (const credited of [{ amount: 150 }, { full: true }]) {
      const reply = await server.send("POST", "/v1/credit-notes", {
        invoice_id: usage.id,
        ...credited,
      });
      notes.push(reply.body.data.id);
    }
  });

  test("are booked as the lines that they credit, and come to what their invoice came to", async () => {
    const file = await ask({ ...NOTES, ...window, format: "netsuite" });
    expect(
      file.rows.map((row) => [row["External ID"], row["Credit #"], row.Item, row.Amount]),
    ).toEqual([
      // 150 over 2000 and 33.633: 147.519 and 2.481 cents, spread in whole ones.
      [notes[0], numberOf(notes[0] ?? ""), "Usage", "1.48"],
      [notes[0], numberOf(notes[0] ?? ""), "API calls", "0.02"],
      // What is left, 1852 and 31.633: together with the 150 it is 2033.633, which is 20.34.
      [notes[1], numberOf(notes[1] ?? ""), "Usage", "18.52"],
      [notes[1], numberOf(notes[1] ?? ""), "API calls", "0.32"],
    ]);
    expect(file.rows[0]?.Description).toBe(`Credit of ${numberOf(usage.id)}: tokens`);
    const counts = ["x-document-count", "x-row-count", "x-left-out-count", "x-next-page"];
    expect(counts.map(file.header)).toEqual(["2", "4", "0", null]);
    expect(file.header("content-disposition")).toContain("issued-credit-notes-netsuite");
  });

  test("are in files of every format, and in no other file", async () => {
    for (const [format, heading] of [
      ["quickbooks", "*ItemAmount"],
      ["xero", "*UnitAmount"],
    ] as const) {
      const codes =
        format === "xero" ? { default_account_code: "200", default_tax_type: "Tax" } : {};
      const file = await ask({ ...NOTES, ...window, format, ...codes });
      expect(file.status, JSON.stringify(file.body)).toBe(200);
      expect(file.rows.map((row) => row[heading])).toEqual(["1.48", "0.02", "18.52", "0.32"]);
    }
    for (const documents of ["invoices", "credit_notes"]) {
      const file = await ask({ ...USAGE, ...window, documents });
      expect(file.rows.filter((row) => notes.includes(row.Memo ?? ""))).toEqual([]);
    }
  });

  test("begin where the page before ended, keep to one customer, and are void in a file of their own", async () => {
    const nobody = await createCustomer(metronome, "Nobody");
    expect((await ask({ ...NOTES, ...window, customer_id: nobody })).rows).toEqual([]);
    expect((await ask({ ...NOTES, ...window, customer_id: acme })).rows).toHaveLength(4);
    for (const id of notes) await server.send("POST", `/v1/credit-notes/${id}/void`);
    expect((await ask({ ...NOTES, ...window })).rows).toEqual([]);
    expect((await ask({ ...NOTES, ...window, status: "void" })).rows).toHaveLength(4);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ leave_out: "on_hold" }, /leave_out: issued credit notes are neither/],
    [{ zero_lines: "send" }, /zero_lines: issued credit notes have no lines of zero/],
    [{ net_terms_days: "3" }, /net_terms_days: credit notes are not due/],
  ])("%j is refused", async (query, message) => {
    const { status, body } = await ask({ ...NOTES, ...window, ...query });
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });
});

test("a void invoice is in no file but that of void ones", async () => {
  await metronome.v1.invoices.void({ id: usage.id });
  expect((await ask({ ...USAGE, ...FEBRUARY })).rows).toEqual([]);
  const voided = await ask({ ...USAGE, ...FEBRUARY, status: "void" });
  expect(voided.rows.map((row) => row["*InvoiceNo"])).toEqual([
    numberOf(usage.id),
    numberOf(usage.id),
  ]);
});
