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
 * What a file would change, or an importer would read as something else, over HTTP: names, codes, tax, and
 * totals below zero that are so by rounding alone. Each customer pays 5 dollars on a day of its own.
 */
type Commits = NonNullable<NewContract["commits"]>;
type Fields = Record<string, string>;

const CODES = { default_item: "Usage" };
const XERO = { format: "xero", default_account_code: "200", default_tax_type: "Tax on Sales" };

let server: TestServer;
let metronome: Metronome;
let fee: string;
let card: string;
let day = 0;

const at = (offset = 0) => new Date(Date.UTC(2024, 0, 10 + day + offset)).toISOString();

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-10T00:00:00Z");
  await server.send("PATCH", "/v1/settings/invoicing", { grace_period_hours: 0 });
  fee = await createFixedProduct(metronome, 'Fee\r\nwith "quotes",\tand more');
  card = await createRateCard(metronome, []);
  for (const [entity, key] of [
    ["customer", "accounting_name"],
    ["contract_product", "accounting_item"],
    ["contract_product", "accounting_tax_type"],
  ] as const) {
    await metronome.v1.customFields.addKey({ entity, key, enforce_uniqueness: false });
  }
});
afterAll(() => server?.close());

const setFields = (
  entity: "customer" | "contract_product",
  entity_id: string,
  custom_fields: Fields,
) => metronome.v1.customFields.setValues({ entity, entity_id, custom_fields });

/** A customer of that name with an invoice of 5 dollars, on a day of its own. */
async function billFee(name: string): Promise<string> {
  day += 2;
  await server.setClock(at());
  const id = await createCustomer(metronome, name);
  await createContract(metronome, id, card, {
    starting_at: at(),
    scheduled_charges: [
      {
        product_id: fee,
        schedule: { schedule_items: [{ timestamp: at(), unit_price: 500, quantity: 1 }] },
      },
    ],
  });
  await server.setClock(at(1));
  return id;
}

async function ask(query: Fields) {
  const window = { starting_on: at(), ending_before: at(2) };
  const asked = new URLSearchParams({ format: "quickbooks", ...CODES, ...window, ...query });
  const found = await server.send("GET", `/v1/invoices/accounting-file?${asked}`);
  const rows: Fields[] = found.status === 200 ? parse(found.body, { columns: true }) : [];
  return { ...found, rows };
}

async function expectRefused(query: Fields, message: RegExp): Promise<void> {
  const { status, body } = await ask(query);
  expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
}

describe("a customer's name", () => {
  test("that an importer reads as two is refused by the invoice, until the customer has another one there", async () => {
    const id = await billFee("Acme: EU");
    await expectRefused({}, /^The customer of invoice \S+, "Acme: EU", has ":" in its name/);
    // It parts nothing there.
    expect((await ask(XERO)).rows).toHaveLength(1);
    await setFields("customer", id, { accounting_name: "Acme EU" });
    expect((await ask({})).rows.map((row) => row["*Customer"])).toEqual(["Acme EU"]);
  });

  test("that is longer than the system takes is refused, and not cut", async () => {
    await billFee("é".repeat(101));
    await expectRefused(
      {},
      /"é{40}...", has a name of 101 characters, and QuickBooks Online takes 100/,
    );
    expect((await ask(XERO)).rows.map((row) => row["*ContactName"]?.length)).toEqual([101]);
  });

  test("that a spreadsheet would run is refused, and not changed", async () => {
    const id = await billFee("=HYPERLINK(1)");
    for (const format of ["quickbooks", "netsuite"]) {
      await expectRefused({ format }, /"=HYPERLINK\(1\)", has a name that a spreadsheet would run/);
    }
    await setFields("customer", id, { accounting_name: "@busy" });
    await expectRefused({}, /"@busy", has a name that a spreadsheet would run/);
    await setFields("customer", id, { accounting_name: " " });
    await expectRefused({}, /HYPERLINK/);
    await setFields("customer", id, { accounting_name: "busy" });
    expect((await ask({})).rows).toHaveLength(1);
  });

  test("and a description are on one line, with their quotes", async () => {
    await billFee('Line\nbreak "AG", Zürich');
    const { rows, body } = await ask({});
    expect(rows).toMatchObject([
      {
        "*Customer": 'Line break "AG", Zürich',
        ItemDescription: 'Fee with "quotes", and more',
        "*ItemAmount": "5",
      },
    ]);
    expect(String(body).split("\r\n")).toHaveLength(3);
  });
});

describe("a code", () => {
  test("that is blank is none", async () => {
    await billFee("Blank");
    await setFields("contract_product", fee, { accounting_item: "", accounting_tax_type: " " });
    expect((await ask({ default_tax_type: "TAX" })).rows).toMatchObject([
      { "Item(Product/Service)": "Usage", "*ItemTaxCode": "TAX" },
    ]);
    await expectRefused({ default_item: " " }, /^default_item must not be blank/);
  });

  test("that a spreadsheet would run is refused by its parameter or its product", async () => {
    await expectRefused({ default_item: "+Support" }, /^default_item must not .* formula/);
    await setFields("contract_product", fee, { accounting_item: "-Support" });
    await expectRefused(
      {},
      /^Product \S+ \(.*accounting_item that a spreadsheet would run: "-Supp/,
    );
    await setFields("contract_product", fee, { accounting_item: "Support" });
    expect((await ask({})).rows).toMatchObject([{ "Item(Product/Service)": "Support" }]);
  });
});

test.each(["=1", "-A", "'A", " A", 'A"', "A\n", "A,B", "é"])(
  "the prefix %j is refused",
  async (number_prefix) => {
    await expectRefused({ number_prefix }, /^number_prefix must be letters, digits/);
  },
);

test.each(["", "2024/", "A.b-#"])("the prefix %j begins every number", async (number_prefix) => {
  const { rows } = await ask({ number_prefix });
  const number = rows[0]?.["*InvoiceNo"] ?? "";
  expect([number.startsWith(number_prefix), number.length]).toEqual([
    true,
    number_prefix.length + 16,
  ]);
});

/** A customer that has bought 80 dollars' worth, with so much tax as a line of the invoice. */
async function buyTaxed(tax: number): Promise<Invoice | undefined> {
  day += 2;
  await server.setClock(at());
  const id = await createCustomer(metronome, "Taxed");
  const schedule = { amount: 10_000, starting_at: at(), ending_before: "2025-01-01T00:00:00Z" };
  const commit = {
    type: "PREPAID",
    product_id: fee,
    name: "Top-up",
    access_schedule: { schedule_items: [schedule] },
    invoice_schedule: { schedule_items: [{ timestamp: at(), amount: 8000 }] },
    payment_gate_config: {
      payment_gate_type: "EXTERNAL",
      tax_type: "PRECALCULATED",
      precalculated_tax_config: { tax_amount: tax, tax_name: "Sales tax" },
    },
  };
  await createContract(metronome, id, card, {
    starting_at: at(),
    commits: [commit] as unknown as Commits,
  });
  const [invoice] = await listInvoices(metronome, id, { type: "SCHEDULED" });
  expect([invoice?.status, invoice?.total]).toEqual(["FINALIZED", 8000 + tax]);
  return invoice;
}

test("tax that is a line of its own is not taxed once more: refused, or left out", async () => {
  const invoice = await buyTaxed(660);
  await expectRefused({}, /^Invoice \S+ has tax as a line of its own.*leave_out=taxed/);
  const left = await ask({ leave_out: "taxed" });
  expect([left.rows, left.headers.get("x-left-out-count")]).toEqual([[], "1"]);
  const { status } = await server.send("POST", "/v1/credit-notes", {
    invoice_id: invoice?.id,
    full: true,
  });
  expect(status).toBe(200);
  const notes = { documents: "issued_credit_notes" };
  await expectRefused(notes, /^Credit note \S+ has tax as a line of its own/);
  expect((await ask({ ...notes, leave_out: "taxed" })).status).toBe(200);
});

test("an invoice that is below zero by rounding its lines alone is in the file of credit notes", async () => {
  await server.send("PATCH", "/v1/settings/invoicing", { invoice_rounding: "round_then_sum" });
  day += 2;
  const start = at();
  await server.setClock(start);
  const names = ["a", "b", "c", "d"];
  const products = await Promise.all(
    names.map(
      async (name): Promise<[string, number]> => [await createUsageProduct(metronome, name), 1],
    ),
  );
  const id = await createCustomer(metronome, "Rounded");
  const priced = await createRateCard(metronome, products);
  day += 1;
  await createContract(metronome, id, priced, { starting_at: start, ending_before: at() });
  // 0.4 + 0.4 + 0.4 - 1.1 cents are a tenth of a cent; each rounded first, they are a cent back.
  for (const [index, value] of [0.4, 0.4, 0.4, -1.1].entries()) {
    await use(metronome, id, names[index] ?? "", start, value);
  }
  await server.setClock(at(1));
  expect(await listInvoices(metronome, id)).toMatchObject([{ status: "FINALIZED", total: 0.1 }]);
  await expectRefused({}, /comes to -0.01, and QuickBooks Online takes no invoice below zero/);
  const left = await ask({ leave_out: "negative_totals" });
  expect([left.rows, left.headers.get("x-left-out-count")]).toEqual([[], "1"]);
  const notes = await ask({ documents: "credit_notes" });
  const amounts = notes.rows.map((row) => Number(row["*ItemAmount"]));
  expect(amounts.reduce((a, b) => a + b, 0)).toBe(0.01);
  // One that is not below zero is no one's loss in that file.
  await billFee("Whole");
  const none = await ask({ documents: "credit_notes" });
  expect([none.rows, none.headers.get("x-left-out-count")]).toEqual([[], "0"]);
});

describe("of another environment", () => {
  test("a customer is not found, and a page begins where nothing of this one is shown", async () => {
    const id = await billFee("Ours");
    const asked = new URLSearchParams({
      ...{ format: "quickbooks", default_item: "Usage", customer_id: id },
      ...{ starting_on: at(), ending_before: at(2) },
    });
    const headers = { authorization: `Bearer ${server.productionToken}` };
    const path = `${server.url}/v1/invoices/accounting-file`;
    const foreign = await fetch(`${path}?${asked}`, { headers });
    expect(foreign.status).toBe(404);
    asked.delete("customer_id");
    const empty = await fetch(`${path}?${asked}`, { headers });
    expect([empty.status, (await empty.text()).split("\r\n").length]).toEqual([200, 2]);
  });
});

test.each<[Fields, RegExp]>([
  [{ starting_on: "yesterday" }, /^starting_on must be an RFC 3339 instant/],
  [{ starting_on: "2024-13-01T00:00:00Z" }, /^starting_on must be an RFC 3339 instant/],
  [{ ending_before: "2024-01-10" }, /^ending_before must be an RFC 3339 instant/],
  [{ customer_id: "acme" }, /^customer_id must be a uuid/],
  [{ net_terms_days: "1.5" }, /^net_terms_days must be integer/],
  [{ net_terms_days: "366" }, /^net_terms_days must be <= 365/],
  [{ imported: "perhaps" }, /^imported must be boolean/],
  [{ documents: "receipts" }, /^documents must be one of/],
  [{ zero_lines: "keep" }, /^zero_lines must be one of DROP, SEND/],
  [{ date_format: "D.M.YYYY" }, /^date_format must be one of/],
])("%j is refused by its name", async (query, message) => {
  await expectRefused(query, message);
});

test("a range of thousands of years is a file as any", async () => {
  const range = { starting_on: "1900-01-01T00:00:00Z", ending_before: "9998-12-31T00:00:00Z" };
  const leave_out = "taxed,negative_totals";
  const { rows } = await ask({ ...range, format: "netsuite", leave_out });
  expect(rows.map(({ Customer }) => Customer)).toEqual([
    ...["Acme EU", "é".repeat(101), "busy", 'Line break "AG", Zürich', "Blank", "Whole", "Ours"],
  ]);
});

describe("many lines", () => {
  /** A customer with an invoice of so many charges of a cent, all on the day. */
  async function billMany(lines: number): Promise<void> {
    const id = await createCustomer(metronome, `${lines} lines`);
    const item = { timestamp: at(), unit_price: 1, quantity: 1 };
    await createContract(metronome, id, card, {
      starting_at: at(),
      scheduled_charges: [
        { product_id: fee, schedule: { schedule_items: Array(lines).fill(item) } },
      ],
    });
  }

  test("fill files to what is imported at once, and an invoice that is longer is refused", async () => {
    day += 2;
    await server.setClock(at());
    for (const lines of [500, 499, 1]) await billMany(lines);
    await server.setClock(at(1));
    const first = await ask({});
    const counts = ["x-document-count", "x-row-count"].map((name) => first.headers.get(name));
    expect([counts, first.rows.length]).toEqual([["2", "999"], 999]);
    const second = await ask({ next_page: first.headers.get("x-next-page") ?? "" });
    expect([second.rows.length, second.headers.get("x-next-page")]).toEqual([1, null]);
    day += 2;
    await server.setClock(at());
    await billMany(1000);
    await server.setClock(at(1));
    await expectRefused({}, /^Invoice \S+ has 1000 lines, and QuickBooks Online imports 999/);
    expect((await ask(XERO)).rows).toHaveLength(1000);
  });
});

test("tax of nothing as a line of its own taxes nothing twice", async () => {
  await buyTaxed(0);
  const { status, rows } = await ask({});
  expect([status, rows.map((row) => row["*ItemAmount"])]).toEqual([200, ["80"]]);
});
