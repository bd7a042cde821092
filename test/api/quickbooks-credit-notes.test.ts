import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";
import { readReconciliation } from "../support/reconciled.ts";

/** Credit notes of ours as credit memos in the books. Each customer's February is 4.004 and 2.00 dollars. */
const BILLED = "2026-03-02T00:00:00Z";
const GBP = "8ba1a57b-263b-5a5f-8cab-d1d7b406dac8";
const CUSTOMERS = ["Open", "Paid", "Part", "Used", "Taken", "Lost", "Gone", "Void", "Auto"];

let world: QuickBooksWorld;
let minutes = 0;
const customers = new Map<string, string>();
const items = new Map<string, string>();

const company = () => world.quickBooks.company;

beforeAll(async () => {
  world = await openQuickBooksWorld({ customTxnNumbers: true });
  const { server } = world;
  const { metronome } = server;
  await server.setClock("2026-02-10T00:00:00Z");
  const products = [];
  for (const name of ["Tokens", "Storage"]) {
    const product = await createUsageProduct(metronome, name);
    items.set(name, company().addItem(name).Id);
    await world.map("contract_product", product, "qbo_item_id", items.get(name) ?? "");
    products.push(product);
  }
  const [tokens = "", storage = ""] = products;
  const card = await createRateCard(metronome, [
    [tokens, 100.1],
    [storage, 200],
  ]);
  for (const name of CUSTOMERS) {
    const id = await world.addCustomer(name);
    customers.set(name, id);
    await createContract(metronome, id, card, {
      starting_at: "2026-02-01T00:00:00Z",
      ending_before: "2026-03-01T00:00:00Z",
    });
    await use(metronome, id, "Tokens", "2026-02-05T00:00:00Z", 4);
    await use(metronome, id, "Storage", "2026-02-05T00:00:00Z", 1);
  }
  await server.setClock(BILLED);
}, 60_000);
afterAll(() => world?.close());

/** Lets what is due happen, and what is tried again after trouble. */
const settle = () => {
  minutes += 30;
  return world.server.setClock(new Date(Date.parse(BILLED) + minutes * 60_000).toISOString());
};

async function oursOf(name: string): Promise<Invoice> {
  const [invoice] = await listInvoices(world.server.metronome, customers.get(name) ?? "");
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

const documentOf = async (name: string): Promise<string> =>
  (await oursOf(name)).external_invoice?.invoice_id ?? "";

async function credit(name: string, body: Readonly<Record<string, unknown>>): Promise<string> {
  const invoice_id = (await oursOf(name)).id;
  const reply = await world.server.send("POST", "/v1/credit-notes", { invoice_id, ...body });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body.data.id;
}

const post = (id: string, what: "void" | "retry") =>
  world.server.send("POST", `/v1/credit-notes/${id}/${what}`);

async function deliveryOf(id: string) {
  const { body } = await world.server.send("GET", `/v1/credit-notes/${id}`);
  return body.data.delivery;
}

const memosOf = (noteId: string) =>
  company()
    .list("CreditMemo")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(noteId));

const paymentsOf = (noteId: string) =>
  company()
    .list("Payment")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(noteId));

const openOf = async (name: string) => company().get("Invoice", await documentOf(name))?.Balance;

test("a note of an open invoice lowers what is due of it; taken back, it leaves nothing", async () => {
  const note = await credit("Open", { amount: 150, reason: "duplicate", memo: "Billed twice" });
  await settle();
  const invoice = await oursOf("Open");
  const [memo, ...more] = memosOf(note);
  expect(more).toEqual([]);
  // 150 over 400.4 and 200: 100.0333 and 49.9667 cents.
  expect(memo).toMatchObject({
    DocNumber: `MTR-${note.slice(0, 8).toUpperCase()}`,
    TxnDate: "2026-03-02",
    PrivateNote: `credit_note=${note}; credits=${invoice.id}; reason=duplicate`,
    CustomerMemo: { value: "Billed twice" },
    TotalAmt: 1.5,
    Balance: 0,
    Line: [
      { Amount: 1, SalesItemLineDetail: { ItemRef: { value: items.get("Tokens") } } },
      { Amount: 0.5, SalesItemLineDetail: { ItemRef: { value: items.get("Storage") } } },
      { DetailType: "SubTotalLineDetail" },
    ],
  });
  expect(paymentsOf(note)).toMatchObject([{ TotalAmt: 0, UnappliedAmt: 0 }]);
  expect(await openOf("Open")).toBe(4.5);
  expect(await deliveryOf(note)).toMatchObject({
    status: "SENT",
    external_id: `creditmemo-${memo?.Id}`,
    error: null,
  });

  await post(note, "void");
  await settle();
  expect([memosOf(note), paymentsOf(note)]).toEqual([[], []]);
  expect(await openOf("Open")).toBe(6);
  expect(await deliveryOf(note)).toMatchObject({ status: "SENT", error: null });
});

test("of a paid invoice it is the customer's credit, and can be taken back while nobody uses it", async () => {
  company().pay(await documentOf("Paid"));
  const note = await credit("Paid", { amount: 150 });
  await settle();
  expect(memosOf(note)).toMatchObject([{ TotalAmt: 1.5, RemainingCredit: 1.5 }]);
  expect(paymentsOf(note)).toEqual([]);
  expect((await deliveryOf(note)).status).toBe("SENT");
  await post(note, "void");
  await settle();
  expect(memosOf(note)).toEqual([]);
});

test("of an invoice that is paid in part it takes what is open, and the rest is the customer's", async () => {
  company().pay(await documentOf("Part"), 5);
  const note = await credit("Part", { full: true });
  await settle();
  // 600.4 cents went out as 6.00, of which 1.00 is open.
  expect(memosOf(note)).toMatchObject([{ TotalAmt: 6, RemainingCredit: 5 }]);
  expect(await openOf("Part")).toBe(0);
});

test("notes of one invoice come to its rounded total together", async () => {
  const first = await credit("Lost", { amount: 150 });
  await settle();
  const second = await credit("Lost", { full: true });
  await settle();
  // 150 cents, and the rest 450.4: together 600.4, which is 600.
  expect([memosOf(first)[0]?.TotalAmt, memosOf(second)[0]?.TotalAmt]).toEqual([1.5, 4.5]);
  expect(await openOf("Lost")).toBe(0);
});

test("one that somebody has used is not taken back until that is undone, and a retry", async () => {
  company().pay(await documentOf("Used"));
  const note = await credit("Used", { amount: 100 });
  await settle();
  const [memo] = memosOf(note);
  const CustomerRef = { value: memo?.CustomerRef?.value ?? "" };
  const later = company().create("Invoice", {
    CustomerRef,
    DocNumber: "BY-HAND",
    Line: [{ Amount: 9, DetailType: "SalesItemLineDetail", SalesItemLineDetail: {} }],
  });
  const link = (TxnId: string, TxnType: "Invoice" | "CreditMemo") => ({
    Amount: 1,
    LinkedTxn: [{ TxnId, TxnType }],
  });
  const Line = [link(later.Id, "Invoice"), link(memo?.Id ?? "", "CreditMemo")];
  const use = company().create("Payment", { CustomerRef, TotalAmt: 0, Line });
  await post(note, "void");
  await settle();
  expect(await deliveryOf(note)).toMatchObject({
    status: "FAILED",
    error: { code: "credit_memo_used", message: expect.stringContaining("take that back there") },
  });
  expect(company().get("Invoice", later.Id)?.Balance).toBe(8);
  company().delete("Payment", use.Id);
  await post(note, "retry");
  await settle();
  expect(memosOf(note)).toEqual([]);
  expect(await deliveryOf(note)).toMatchObject({ status: "SENT", error: null });
});

describe("nothing is made twice", () => {
  test.each([
    ["/creditmemo", "broken after"],
    ["/payment", "broken after"],
    ["/creditmemo", "page after"],
    ["/payment", "broken before"],
  ] as const)("when a POST of %s is %s", async (path, kind) => {
    const sent = () =>
      world.quickBooks.requests.filter(
        (each) => each.method === "POST" && each.path.endsWith(path),
      );
    const before = sent().length;
    world.quickBooks.trouble(path, kind);
    const note = await credit("Taken", { amount: 20 });
    await settle();
    expect(memosOf(note)).toHaveLength(1);
    expect(paymentsOf(note)).toMatchObject([{ TotalAmt: 0 }]);
    expect((await deliveryOf(note)).status).toBe("SENT");
    // The one in trouble, and, where nobody knew that it had done its work, one more.
    expect(sent().length - before).toBe(kind === "broken before" ? 2 : 1);
  });

  test("when its number is somebody else's: it has the longer one", async () => {
    const before = await openOf("Taken");
    const calls = world.quickBooks.requests.length;
    const note = await credit("Taken", { amount: 20 });
    const digits = note.replaceAll("-", "").toUpperCase();
    company().create("CreditMemo", {
      CustomerRef: { value: company().list("Customer")[0]?.Id ?? "" },
      DocNumber: `MTR-${digits.slice(0, 8)}`,
      PrivateNote: "By hand",
      Line: [{ Amount: 1, DetailType: "SalesItemLineDetail", SalesItemLineDetail: {} }],
    });
    await settle();
    expect(memosOf(note)).toMatchObject([{ DocNumber: `MTR-${digits.slice(0, 17)}` }]);
    expect(await openOf("Taken")).toBeCloseTo((before ?? 0) - 0.2, 10);
    // Invoice, number, memo; memo again with the invoice, payment; both once more.
    expect(world.quickBooks.requests.length - calls).toBeLessThanOrEqual(8);
  });
});

test("of an invoice that is void or gone there it fails, and says why", async () => {
  company().void("Invoice", await documentOf("Void"));
  company().delete("Invoice", await documentOf("Gone"));
  const notes = [await credit("Void", { amount: 20 }), await credit("Gone", { amount: 20 })];
  await settle();
  for (const [index, code] of ["invoice_void", "invoice_missing"].entries()) {
    const delivery = await deliveryOf(notes[index] ?? "");
    expect([delivery.status, delivery.error?.code]).toEqual(["FAILED", code]);
    expect(memosOf(notes[index] ?? "")).toEqual([]);
  }
});

test("where QuickBooks puts credit to invoices by itself, nothing is put there twice", async () => {
  company().preferences.autoApplyCredit = true;
  const note = await credit("Auto", { amount: 150 });
  await settle();
  company().preferences.autoApplyCredit = false;
  expect(memosOf(note)).toMatchObject([{ TotalAmt: 1.5, Balance: 0 }]);
  expect(await openOf("Auto")).toBe(4.5);
  expect(paymentsOf(note)).toEqual([]);
  expect((await deliveryOf(note)).status).toBe("SENT");
});

test("one that was deleted there is found by a reconciliation and sent once more", async () => {
  const note = await credit("Open", { amount: 150 });
  await settle();
  const [memo] = memosOf(note);
  for (const { Id } of paymentsOf(note)) company().delete("Payment", Id);
  company().delete("CreditMemo", memo?.Id ?? "");
  const { server } = world;
  const { body } = await server.send("POST", "/v1/reconciliations", {});
  await settle();
  const mine = async () => {
    const { findings } = await readReconciliation(server, body.data.id);
    return findings.filter(({ subject }) => subject === note);
  };
  expect(await mine()).toMatchObject([
    { class: "credit_note_missing", expected: { amount: "1.5" }, state: "PROPOSED" },
  ]);
  await server.send("POST", `/v1/reconciliations/${body.data.id}/apply`, {
    classes: ["credit_note_missing"],
  });
  await settle();
  expect(await mine()).toMatchObject([{ state: "VERIFIED" }]);
  const again = memosOf(note);
  expect(again).toMatchObject([{ TotalAmt: 1.5, Balance: 0 }]);
  expect(again[0]?.Id).not.toBe(memo?.Id);
  expect((await deliveryOf(note)).external_id).toBe(`creditmemo-${again[0]?.Id}`);
});

test("tax goes with what is credited, as the books work it out: 20 % of VAT", async () => {
  const uk = await openQuickBooksWorld({ country: "GB" });
  try {
    const { server, quickBooks } = uk;
    const { company: books } = quickBooks;
    await uk.set({ home_currency: "GBP", tax_code_id: books.ids.taxCodes["20.0% S"] });
    await uk.set({ item_strategy: "single", default_item_id: books.ids.services });
    await server.setClock("2026-02-10T00:00:00Z");
    const { metronome } = server;
    const product = await createUsageProduct(metronome, "Calls");
    const { data: card } = await metronome.v1.contracts.rateCards.create({
      name: "Pounds",
      fiat_credit_type_id: GBP,
    });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card.id,
      product_id: product,
      starting_at: "2026-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 2.5,
      credit_type_id: GBP,
    });
    const id = await uk.addCustomer("Brit");
    await createContract(metronome, id, card.id, {
      starting_at: "2026-02-01T00:00:00Z",
      ending_before: "2026-03-01T00:00:00Z",
    });
    await use(metronome, id, "Calls", "2026-02-05T00:00:00Z", 40);
    await server.setClock(BILLED);
    const [invoice] = await listInvoices(metronome, id);
    const external = invoice?.external_invoice?.invoice_id ?? "";
    // 40 x 2.50 = 100.00, and 20.00 of VAT.
    expect(books.get("Invoice", external)).toMatchObject({ TotalAmt: 120, Balance: 120 });
    await server.send("POST", "/v1/credit-notes", { invoice_id: invoice?.id, amount: 25 });
    await server.setClock("2026-03-02T01:00:00Z");
    // 25.00 is credited, and 5.00 of VAT with it.
    expect(books.list("CreditMemo")).toMatchObject([
      { TotalAmt: 30, TxnTaxDetail: { TotalTax: 5 }, GlobalTaxCalculation: "TaxExcluded" },
    ]);
    expect(books.get("Invoice", external)?.Balance).toBe(90);
  } finally {
    await uk.close();
  }
});
