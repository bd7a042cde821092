import { afterAll, beforeAll, expect, test } from "vitest";
import { monthBilledAt, monthStart } from "../support/billed-customer.ts";
import {
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

/* Names, amounts and numbers of lines that QuickBooks does not take as they are; all of one month, delivered at once. */

const YEN = "JPY";
let world: QuickBooksWorld;
let currencies: Record<string, string>;
let cards = 0;

const ROCKETS = "🚀".repeat(40);
const LONG_NAME = `${ROCKETS} Ünïcödé: "Ltd" ${"x".repeat(150)}`;
const billed: Record<string, string> = {};

beforeAll(async () => {
  world = await openQuickBooksWorld({ multiCurrency: true });
  const { server, quickBooks } = world;
  await server.setClock(monthStart(0));
  await world.set({
    multicurrency: true,
    create_items: true,
    income_account_id: quickBooks.company.ids.incomeAccount,
  });
  const { body } = await server.send("GET", "/v1/credit-types/list");
  currencies = Object.fromEntries(
    body.data.map(({ id, name }: { id: string; name: string }) => [name, id]),
  );

  await charge("quoted", "Quoted Ltd", [[await fixed(`AI: "tokens" 'quoted' a\tb`), 1234]]);
  await charge("long", LONG_NAME, [[await fixed("p".repeat(180)), 100]]);
  await charge("nothing left", ":::", [[await fixed(":"), 100]]);
  await charge(
    "yen",
    "KK",
    [
      [await fixed("Yen"), 12345],
      [await fixed("Half a yen"), 0.5],
    ],
    YEN,
  );
  await charge("no lines", "Nothing Ltd", []);
  const one = await fixed("One");
  await charge(
    "600 lines",
    "Manifold Ltd",
    Array.from({ length: 600 }, () => [one, 101]),
  );
  const many: [string, number][] = [];
  for (let at = 0; at < 501; at += 1) many.push([await fixed(`Product ${at}`), 100]);
  await charge("501 products", "Many Ltd", many);
  const fresh: [string, number][] = [];
  for (let at = 0; at < 45; at += 1) fresh.push([await fixed(`Fresh ${at}`), 100 + at]);
  await charge("45 new products", "Fresh Ltd", fresh);
  await useUp("below zero", "Returned Ltd", -2.5);
  await useUp("zero", "Unused Ltd", 0, "Was Voided ");
  await server.setClock(monthBilledAt(0));
}, 120_000);
afterAll(() => world?.close());

async function fixed(name: string): Promise<string> {
  const { metronome } = world.server;
  const { data } = await metronome.v1.contracts.products.create({ name, type: "FIXED" });
  return data.id;
}

/** A customer of the month with these charges: product and price. */
async function charge(
  what: string,
  name: string,
  charges: readonly (readonly [product: string, price: number])[],
  currency = "USD (cents)",
): Promise<void> {
  const { metronome } = world.server;
  const { [currency]: credit_type_id = "" } = currencies;
  cards += 1;
  const card = await metronome.v1.contracts.rateCards.create({
    name: `Card ${cards}`,
    fiat_credit_type_id: credit_type_id,
  });
  const customer_id = await world.addCustomer(name);
  await metronome.v1.contracts.create({
    customer_id,
    rate_card_id: card.data.id,
    starting_at: monthStart(0),
    ending_before: monthStart(1),
    scheduled_charges: charges.map(([product_id, unit_price]) => ({
      product_id,
      schedule: {
        credit_type_id,
        schedule_items: [{ timestamp: "2024-01-15T00:00:00Z", unit_price, quantity: 1 }],
      },
    })),
  });
  billed[what] = customer_id;
}

/** One who uses so much at 54 dollars a unit; less than nothing where usage is taken back. */
async function useUp(what: string, name: string, used: number, contract?: string): Promise<void> {
  const { metronome } = world.server;
  const customer_id = await world.addCustomer(name);
  const card = await createRateCard(metronome, [[await createUsageProduct(metronome, what), 5400]]);
  await metronome.v1.contracts.create({
    customer_id,
    rate_card_id: card,
    starting_at: monthStart(0),
    ending_before: monthStart(1),
    ...(contract === undefined ? {} : { name: contract }),
  });
  await use(metronome, customer_id, what, monthStart(0), used);
  billed[what] = customer_id;
}

/** The invoice of the month that has lines, else its only one. */
async function invoiceOf(what: string): Promise<Invoice> {
  const invoices = await listInvoices(world.server.metronome, billed[what] ?? "");
  const found = invoices.find(({ line_items: lines }) => lines.length > 0) ?? invoices[0];
  if (found === undefined) throw new Error(`${what} was not billed`);
  return found;
}

async function theirs(what: string, kind: "Invoice" | "CreditMemo" = "Invoice") {
  const { id } = await invoiceOf(what);
  return world.quickBooks.company
    .list(kind)
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(id));
}

const runOf = async (what: string) => (await world.runsOf((await invoiceOf(what)).id))[0];
const salesOf = (document: Awaited<ReturnType<typeof theirs>>[number] | undefined) =>
  (document?.Line ?? []).filter(({ DetailType }) => DetailType === "SalesItemLineDetail");
const headOf = (id: string) => id.slice(0, 8);

test("a product's colon and tab become blanks, and its quotes stay", async () => {
  const [document] = await theirs("quoted");
  expect(salesOf(document)).toMatchObject([
    {
      Amount: 12.34,
      Description: expect.stringMatching(/^AI: "tokens" 'quoted' a\tb \(scheduled charge\)/),
      SalesItemLineDetail: { ItemRef: { name: `AI "tokens" 'quoted' a b` } },
    },
  ]);
});

test("names that are too long are cut whole, and end with the head of our id", async () => {
  const [document] = await theirs("long");
  const name = String(document?.CustomerRef?.name);
  expect(name).toBe(`${ROCKETS} Ünïcödé (${headOf(billed.long ?? "")})`);
  expect([name.length <= 100, name.isWellFormed()]).toEqual([true, true]);
  const [line] = salesOf(document);
  expect(line?.SalesItemLineDetail?.ItemRef?.name).toMatch(/^p{89} \([0-9a-f]{8}\)$/);
});

test("a name of which nothing is left is that of our id", async () => {
  const [document] = await theirs("nothing left");
  expect(document?.CustomerRef?.name).toBe(`Unnamed (${headOf(billed["nothing left"] ?? "")})`);
});

test("yen have no decimals: 12,345 and half a yen are 12,346", async () => {
  const [document] = await theirs("yen");
  expect(document).toMatchObject({ CurrencyRef: { value: YEN }, TotalAmt: 12346 });
  const amounts = salesOf(document).map(({ Amount }) => Number(Amount));
  expect(amounts.toSorted((a, b) => a - b)).toEqual([1, 12345]);
});

test("an invoice without lines is not sent, and says so", async () => {
  expect(await theirs("no lines")).toEqual([]);
  expect(await runOf("no lines")).toMatchObject({
    status: "SKIPPED",
    error: { message: "There is nothing to pay." },
  });
});

test("600 lines of one product are one that leads to all of them", async () => {
  const [document] = await theirs("600 lines");
  expect(salesOf(document)).toMatchObject([
    { Amount: 606, Description: expect.stringMatching(/^One; 600 lines, listed at http/) },
  ]);
});

test("products that QuickBooks does not have are made in one delivery, however many: 45 of 1.00 to 1.44", async () => {
  expect(await runOf("45 new products")).toMatchObject({ status: "SENT", error: null });
  // 45 x 1.00, and 0.01 to 0.44: 45 + 9.90.
  expect(await theirs("45 new products")).toMatchObject([{ TotalAmt: 54.9 }]);
  const { requests } = world.quickBooks;
  const made = requests.filter(({ method, body }) => method === "POST" && /"Fresh \d/.test(body));
  const items = made.filter(({ path }) => path.endsWith("/item"));
  expect(items).toHaveLength(45);
  // Ten names in a query, before they are made and after.
  const asked = requests.filter(({ query }) => query.query?.includes("'Fresh "));
  expect(asked.length).toBeLessThanOrEqual(20);
});

test("more products than lines are refused before anything is made, with what to do", async () => {
  expect(await runOf("501 products")).toMatchObject({
    status: "FAILED",
    error: {
      code: "too_many_lines",
      message: expect.stringMatching(/501 products; .* 500 lines\. Book it there by hand/),
    },
  });
  const names = world.quickBooks.company.list("Item").map(({ Name }) => Name);
  expect(names.filter((name) => name?.startsWith("Product "))).toEqual([]);
});

test("a total below zero is a credit memo, with every sign turned: 2.5 x 54 = 135", async () => {
  expect(await theirs("below zero")).toEqual([]);
  const [memo, ...more] = await theirs("below zero", "CreditMemo");
  expect(more).toEqual([]);
  expect(memo).toMatchObject({ TotalAmt: 135, CustomerRef: { name: "Returned Ltd" } });
  expect(salesOf(memo)).toMatchObject([
    { Amount: 135, SalesItemLineDetail: { Qty: 2.5, UnitPrice: 54 } },
  ]);
  const { total, external_invoice: external } = await invoiceOf("below zero");
  expect([total, external]).toMatchObject([
    -13500,
    { invoice_id: `creditmemo-${memo?.Id}`, external_status: "FINALIZED" },
  ]);
});

test("a total of zero is no void one, whatever the contract is called", async () => {
  const [document] = await theirs("zero");
  expect(document).toMatchObject({ TotalAmt: 0, Balance: 0 });
  expect(document?.PrivateNote).toContain("; Was Voided");
  const { external_invoice: external } = await invoiceOf("zero");
  expect(external).toMatchObject({ invoice_id: document?.Id, external_status: "FINALIZED" });
});
