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
import { pdfPages, pdfText } from "../support/pdf-text.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * An invoice as PDF, CSV and JSON. Tokens cost a dollar until January 16, then 0.333 cents; a
 * balance of $4.50 pays first. 7 tokens are used on the 10th, 101 on the 20th: 700 + 33.633 cents, of
 * which 283.633 are left to pay.
 */
const JPY = "0d957803-4661-595a-9b00-3792cb62f944";
const JANUARY = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" };
const TODAY = "2024-02-03T00:00:00Z";
const FORMULA = "=HYPERLINK(1)";

let server: TestServer;
let metronome: Metronome;
let card: string;
let tokens: string;
let customer: string;
let final: Invoice;

const prepaid = async (amount: number): Promise<NonNullable<NewContract["commits"]>[number]> => ({
  type: "PREPAID",
  product_id: await createFixedProduct(metronome, "Balance"),
  name: "-Balance",
  access_schedule: { schedule_items: [{ amount, ...JANUARY }] },
});

const only = async (customerId: string): Promise<Invoice> => {
  const [invoice, ...others] = await listInvoices(metronome, customerId);
  if (invoice === undefined || others.length > 0) throw new Error("not one invoice");
  return invoice;
};

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-25T00:00:00Z");
  tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 100]]);
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: tokens,
    starting_at: "2024-01-16T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 0.333,
  });
  customer = await createCustomer(metronome, "深圳市云计算有限公司");
  await createContract(metronome, customer, card, {
    ...JANUARY,
    net_payment_terms_days: 30,
    commits: [await prepaid(450)],
  });
  await use(metronome, customer, "tokens", "2024-01-10T00:00:00Z", 7);
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 101);
});
afterAll(() => server.close());

async function pdfOf(invoice: Invoice, query = ""): Promise<Buffer> {
  const path = `/v1/customers/${invoice.customer_id}/invoices/${invoice.id}/pdf${query}`;
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${server.sandboxToken}` },
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/pdf"]);
  return Buffer.from(await response.arrayBuffer());
}

const csvOf = async (id: string) => {
  const reply = await server.send("GET", `/v1/invoices/${id}/document?format=csv`);
  expect(reply.status).toBe(200);
  return { ...reply, rows: parse(reply.body, { columns: true }) as Record<string, string>[] };
};

describe("as PDF", () => {
  test("a draft is marked so, and has no date of issue", async () => {
    const draft = await only(customer);
    const text = pdfText(await pdfOf(draft));
    expect(text.match(/DRAFT/g)).toHaveLength(2);
    expect(text).toContain("not yet");
    expect(text).not.toContain("Due");
    await server.setClock(TODAY);
    final = await only(customer);
    expect(final.status).toBe("FINALIZED");
  });

  test("a final one comes through the official client, with all that is on it", async () => {
    const response = await metronome.v1.customers.invoices.retrievePdf({
      customer_id: customer,
      invoice_id: final.id,
    });
    const [texts = []] = pdfPages(Buffer.from(await response.arrayBuffer()));
    expect(texts.join("")).toContain("深圳市云计算有限公司");
    expect(texts.join("\n")).not.toContain("DRAFT");
    const from = (text: string) => texts.slice(texts.indexOf(text));
    // Issued after a day of grace; 30 days from February 2 of a leap year are March 3.
    expect(from("Period").slice(1, 8)).toEqual([
      "  Jan 1, 2024 to Feb 1, 2024",
      "Issued",
      "  Feb 2, 2024",
      "Payment terms",
      "  Net 30 days",
      "Due",
      "  Mar 3, 2024",
    ]);
    // Each row ends with amount, unit price, quantity: they are written from the right.
    expect(from("tokens")).toEqual([
      "tokens",
      "Jan 1, 2024 to Jan 16, 2024",
      "Covered by a prepaid commit",
      "$4.50",
      "$1.00",
      "4.5",
      "-Balance applied",
      "-$4.50",
      "Usage",
      "$2.50",
      "$1.00",
      "2.5",
      "tokens",
      "Jan 16, 2024 to Feb 1, 2024",
      "Usage",
      "$0.34",
      "$0.00333",
      "101",
      "Subtotal",
      "$7.34",
      "Commits and credits applied",
      "-$4.50",
      "Total (USD)",
      "$2.84",
    ]);
  });

  test("the same invoice has the same bytes, on each paper", async () => {
    const [first, second] = [await pdfOf(final), await pdfOf(final)];
    expect(first.equals(second)).toBe(true);
    expect(first.toString("latin1")).toContain("/MediaBox [0 0 595.28 841.89]");
    expect((await pdfOf(final, "?paper=a4")).equals(first)).toBe(true);
    const letter = await pdfOf(final, "?paper=letter");
    expect(letter.toString("latin1")).toContain("/MediaBox [0 0 612 792]");
    expect(pdfText(letter)).toBe(pdfText(first));
  });

  test("a currency without decimals has none; a price shows every digit", async () => {
    const { data: yen } = await metronome.v1.contracts.rateCards.create({
      name: "Yen",
      fiat_credit_type_id: JPY,
    });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: yen.id,
      product_id: tokens,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 0.1234567890125,
    });
    const payer = await createCustomer(metronome);
    // 10,000 x 0.1234567890125 = 1,234.567890125: 1,235 yen.
    await use(metronome, payer, "tokens", "2024-01-10T00:00:00Z", 10_000);
    await createContract(metronome, payer, yen.id, JANUARY);
    const texts = pdfPages(await pdfOf(await only(payer))).flat();
    expect(texts.slice(texts.indexOf("Usage"))).toEqual([
      "Usage",
      "¥1,235",
      "¥0.1234567890125",
      "10,000",
      "Subtotal",
      "¥1,235",
      "Commits and credits applied",
      "¥0",
      "Total (JPY)",
      "¥1,235",
    ]);
  });

  test("lines in a pricing unit are no money, their conversion is", async () => {
    const { body } = await server.send("POST", "/v1/credit-types/create", { name: "Coins" });
    const { data } = await metronome.v1.contracts.rateCards.create({
      name: "In coins",
      credit_type_conversions: [
        { custom_credit_type_id: body.data.id, fiat_per_custom_credit: 10 },
      ],
    });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: data.id,
      product_id: tokens,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 0.5,
      credit_type_id: body.data.id,
    });
    const payer = await createCustomer(metronome);
    await use(metronome, payer, "tokens", "2024-01-10T00:00:00Z", 3);
    await createContract(metronome, payer, data.id, JANUARY);
    const invoice = await only(payer);
    const texts = pdfPages(await pdfOf(invoice)).flat();
    // 3 tokens at half a coin; a coin is 10 cents.
    expect(texts.slice(texts.indexOf("tokens"))).toEqual([
      "tokens",
      "Jan 1, 2024 to Feb 1, 2024",
      "Usage",
      "1.5 Coins",
      "0.5 Coins",
      "3",
      "Coins conversion",
      "Jan 1, 2024 to Feb 1, 2024",
      "Conversion",
      "$0.15",
      "$0.10",
      "1.5",
      "Subtotal",
      "$0.15",
      "Commits and credits applied",
      "$0.00",
      "Total (USD)",
      "$0.15",
    ]);
    const { rows } = await csvOf(invoice.id);
    expect(rows.map((row) => [row.unit_price, row.total, row.currency])).toEqual([
      ["0.5", "1.5", "Coins"],
      ["0.1", "0.15", "USD"],
    ]);
  });

  test.each([
    ["Arabic, its words from right to left", "شركة الاختبار (ACME)", "شركةالاختبار"],
    ["Thai", "บริษัท คลาวด์", "บรษทคลาวด์"],
    ["Japanese and Korean", "株式会社クラウド 주식회사", "株式会社クラウド주식회사"],
    ["Devanagari and Tamil", "श्री तமி", "श्रीतமி"],
  ])("a name in %s has its glyphs", async (_script, name, letters) => {
    const { data } = await metronome.v1.customers.create({ name });
    await createContract(metronome, data.id, card, JANUARY);
    const pdf = await pdfOf(await only(data.id));
    const said = [...pdfText(pdf)];
    // Shaping and direction move them, but none is missing.
    expect([...letters].filter((letter) => !said.includes(letter))).toEqual([]);
  });

  test("many lines go over pages, each under the table's head", async () => {
    const fixed = await createFixedProduct(metronome, "Seat");
    const payer = await createCustomer(metronome);
    await createContract(metronome, payer, card, {
      ...JANUARY,
      scheduled_charges: Array.from({ length: 60 }, (_, n) => ({
        product_id: fixed,
        name: `Seat ${n}`,
        schedule: { schedule_items: [{ timestamp: "2024-01-05T00:00:00Z", amount: 100 + n }] },
      })),
    });
    const invoices = await listInvoices(metronome, payer, { type: "SCHEDULED" });
    const pages = pdfPages(await pdfOf(invoices[0] as Invoice));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.map((texts) => texts.filter((text) => text === "Unit price").length)).toEqual(
      pages.map(() => 1),
    );
    // 60 x 100 + (0 + 1 + ... + 59) = 7,770 cents.
    expect(pages.flat().at(-1)).toBe("$77.70");
  });

  test("a void one says so; other customers, ids and papers are refused", async () => {
    const payer = await createCustomer(metronome);
    await createContract(metronome, payer, card, JANUARY);
    await server.setClock(TODAY);
    const { id } = await only(payer);
    await metronome.v1.invoices.void({ id });
    expect(pdfText(await pdfOf(await only(payer))).match(/VOID/g)).toHaveLength(2);
    const path = `/v1/customers/${customer}/invoices/${id}/pdf`;
    const { status, body } = await server.send("GET", path);
    expect([status, body]).toEqual([404, { message: `Invoice ${id} not found` }]);
    const other = `/v1/customers/${customer}/invoices/${final.id}/pdf`;
    expect((await server.send("GET", `${other}?paper=a3`)).status).toBe(400);
    expect((await server.send("GET", `${other}?size=a4`)).status).toBe(400);
    const foreign = { authorization: `Bearer ${server.productionToken}` };
    expect((await server.send("GET", other, undefined, foreign)).status).toBe(404);
  });
});

describe("as a file", () => {
  test("CSV has a row for each line, exact, in whole units of the currency", async () => {
    const { headers, rows, body } = await csvOf(final.id);
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toBe(
      `attachment; filename="invoice-${final.id}.csv"`,
    );
    expect(body.split("\r\n")[0]).toMatch(
      /^invoice_id,customer_id,line_number,type,name,product_id,starting_at,ending_before,quantity,unit_price,total,currency,commit_id,/,
    );
    expect(
      rows.map((row) => [
        row.line_number,
        row.type,
        row.name,
        row.quantity,
        row.unit_price,
        row.total,
      ]),
    ).toEqual([
      ["1", "usage", "tokens", "4.5", "1", "4.5"],
      ["2", "applied_commit_or_credit", "'-Balance applied", "", "", "-4.5"],
      ["3", "usage", "tokens", "2.5", "1", "2.5"],
      ["4", "usage", "tokens", "101", "0.00333", "0.33633"],
    ]);
    expect(rows[3]).toMatchObject({
      invoice_id: final.id,
      customer_id: customer,
      product_id: tokens,
      starting_at: "2024-01-16T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
      currency: "USD",
      commit_id: "",
    });
    expect(rows[0]?.commit_id).toBe(final.line_items[0]?.commit_id);
  });

  test("text that a spreadsheet would run is text, group values are JSON", async () => {
    const { data: metric } = await metronome.v1.billableMetrics.create({
      name: "calls",
      aggregation_type: "COUNT",
      event_type_filter: { in_values: ["calls"] },
      property_filters: [{ name: "region", exists: true }],
      group_keys: [["region"]],
    });
    const { data: product } = await metronome.v1.contracts.products.create({
      name: FORMULA,
      type: "USAGE",
      billable_metric_id: metric.id,
      pricing_group_key: ["region"],
    });
    const { data } = await metronome.v1.contracts.rateCards.create({ name: "Calls" });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: data.id,
      product_id: product.id,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 10,
      pricing_group_values: { region: 'a,"b"' },
    });
    const payer = await createCustomer(metronome);
    await metronome.v1.usage.ingest({
      usage: [
        {
          transaction_id: "formula-1",
          customer_id: payer,
          event_type: "calls",
          timestamp: "2024-01-10T00:00:00Z",
          properties: { region: 'a,"b"' },
        },
      ],
    });
    await createContract(metronome, payer, data.id, JANUARY);
    const { rows } = await csvOf((await only(payer)).id);
    expect(rows.map((row) => [row.name, row.total])).toEqual([[`'${FORMULA}`, "0.1"]]);
    expect(JSON.parse(String(rows[0]?.pricing_group_values))).toEqual({ region: 'a,"b"' });
  });

  test("JSON, also unasked, is the invoice as the API shows it", async () => {
    const shown = await server.send("GET", `/v1/customers/${customer}/invoices/${final.id}`);
    for (const query of ["", "?format=json"]) {
      const { body } = await server.send("GET", `/v1/invoices/${final.id}/document${query}`);
      expect(body).toEqual(shown.body);
    }
    expect((await server.send("GET", `/v1/invoices/${final.id}/document?format=xml`)).status).toBe(
      400,
    );
    expect((await server.send("GET", `/v1/invoices/${tokens}/document`)).status).toBe(404);
  });
});
