import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";
import { readReconciliation } from "../support/reconciled.ts";

const FROM = "2026-02-01T00:00:00Z";
const TO = "2026-03-01T00:00:00Z";
const BILLED = "2026-03-02T00:00:00Z";

let world: QuickBooksWorld;
const company = () => world.quickBooks.company;

interface Billed {
  readonly invoiceId: string;
  readonly payer: string;
  readonly item: string;
}
const billed = new Map<string, Billed>();

/** What stands wrong before the bills go. */
const TROUBLES: Readonly<Record<string, (payer: string, item: string) => unknown>> = {
  "Inactive customer": (payer) => company().edit("Customer", payer, { Active: false }),
  "Inactive item": (_payer, item) => company().edit("Item", item, { Active: false }),
  "Changed while repaired": () => {},
  "Paid while repaired": () => {},
  "Paid while voided": () => {},
};

const theirs = (name: string) =>
  company()
    .list("Invoice")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(billed.get(name)?.invoiceId ?? "none"));

/** Each customer has a product, a payer and an item of its own, and is billed 3 x 54.00. */
beforeAll(async () => {
  world = await openQuickBooksWorld();
  const { server } = world;
  const { metronome } = server;
  await server.setClock("2026-02-10T00:00:00Z");
  const customers = new Map<string, string>();
  for (const [name, spoil] of Object.entries(TROUBLES)) {
    const product = await createUsageProduct(metronome, name);
    const card = await createRateCard(metronome, [[product, 5400]]);
    const payer = company().addCustomer(`Payer of ${name}`).Id;
    const item = company().addItem(`Item of ${name}`).Id;
    const customer = await world.addCustomer(name, { qbo_customer_id: payer });
    await world.map("contract_product", product, "qbo_item_id", item);
    await createContract(metronome, customer, card, { starting_at: FROM, ending_before: TO });
    await use(metronome, customer, name, "2026-02-05T00:00:00Z", 3);
    customers.set(name, customer);
    billed.set(name, { invoiceId: "", payer, item });
    spoil(payer, item);
  }
  await server.setClock(BILLED);
  for (const [name, customer] of customers) {
    const [invoice] = await listInvoices(metronome, customer);
    const known = billed.get(name);
    if (known !== undefined) billed.set(name, { ...known, invoiceId: invoice?.id ?? "" });
  }
}, 60_000);
afterAll(() => world?.close());

const runOf = async (name: string) => (await world.runsOf(billed.get(name)?.invoiceId ?? ""))[0];

async function retry(name: string): Promise<void> {
  const { id } = await runOf(name);
  expect((await world.server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(200);
  await world.server.setClock(BILLED);
}

describe("what a document names is not active:", () => {
  test.each([
    ["Inactive customer", "Customer", (of: Billed) => of.payer],
    ["Inactive item", "Item", (of: Billed) => of.item],
  ] as const)(
    "%s: refused with what to do, nothing is made; active again, sent",
    async (name, entity, idOf) => {
      const id = idOf(billed.get(name) ?? { invoiceId: "", payer: "", item: "" });
      const before = company().list(entity).length;
      expect(await runOf(name)).toMatchObject({
        status: "FAILED",
        error: {
          code: "quickbooks_610",
          message: expect.stringContaining("make it active again, or correct what names it"),
        },
      });
      await retry(name);
      expect(theirs(name)).toEqual([]);
      expect(company().list(entity)).toHaveLength(before);
      company().edit(entity, id, { Active: true });
      await retry(name);
      expect(await runOf(name)).toMatchObject({ status: "SENT", error: null });
      expect(theirs(name).map(({ TotalAmt }) => TotalAmt)).toEqual([162]);
    },
  );
});

/** Lets something happen to a document just before a write to it, once. */
function beforeWriteTo(id: string, act: () => void): () => number {
  let writes = 0;
  world.quickBooks.before = async ({ method, path, body }) => {
    if (method !== "POST" || !path.endsWith("/invoice") || JSON.parse(body).Id !== id) return;
    writes += 1;
    if (writes === 1) act();
  };
  return () => writes;
}

/** Reconciles, and applies what was found of this invoice. */
async function repair(name: string, finds: string) {
  const { server } = world;
  const made = await server.send("POST", "/v1/reconciliations", {});
  await server.setClock(BILLED);
  const { id } = made.body.data;
  const reply = await server.send("POST", `/v1/reconciliations/${id}/apply`, { classes: [finds] });
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  await server.setClock(BILLED);
  world.quickBooks.before = undefined;
  const { findings } = await readReconciliation(server, id);
  const { invoiceId } = billed.get(name) ?? {};
  const [finding] = findings.filter(
    (each) => each.invoice_id === invoiceId && each.class === finds,
  );
  return finding;
}

/** Somebody takes the price down to 7.00. */
function edit(id: string): void {
  const [first] = company().get("Invoice", id)?.Line ?? [];
  const SalesItemLineDetail = { ...first?.SalesItemLineDetail, Qty: 1, UnitPrice: 7 };
  company().edit("Invoice", id, { Line: [{ ...first, Amount: 7, SalesItemLineDetail }] });
}

describe("a document that changes between the look at it and the write:", () => {
  test("the stale token is read anew once, and the document is what was sent", async () => {
    const [document] = theirs("Changed while repaired");
    const id = document?.Id ?? "";
    edit(id);
    const writes = beforeWriteTo(
      id,
      () => void company().edit("Invoice", id, { EmailStatus: "EmailSent" }),
    );
    expect(await repair("Changed while repaired", "edited_lines")).toMatchObject({
      state: "VERIFIED",
      reason: null,
    });
    expect(writes()).toBe(2);
    expect(company().get("Invoice", id)).toMatchObject({ TotalAmt: 162, EmailStatus: "EmailSent" });
  });

  test("what was paid meanwhile is not written over", async () => {
    const [document] = theirs("Paid while repaired");
    const id = document?.Id ?? "";
    edit(id);
    const writes = beforeWriteTo(id, () => void company().pay(id));
    expect(await repair("Paid while repaired", "edited_lines")).toMatchObject({
      state: "FAILED",
      reason: expect.stringContaining("Money or credit was put to it"),
    });
    expect(writes()).toBe(1);
    expect(company().get("Invoice", id)).toMatchObject({ TotalAmt: 7, Balance: 0 });
  });

  test("nor voided", async () => {
    const [document] = theirs("Paid while voided");
    const id = document?.Id ?? "";
    const { invoiceId = "" } = billed.get("Paid while voided") ?? {};
    await world.server.metronome.v1.invoices.void({ id: invoiceId });
    const writes = beforeWriteTo(id, () => void company().pay(id));
    expect(await repair("Paid while voided", "void_here_open_there")).toMatchObject({
      state: "FAILED",
      reason: expect.stringContaining("Money or credit was put to it"),
    });
    expect(writes()).toBe(1);
    expect(company().get("Invoice", id)).toMatchObject({ TotalAmt: 162, Balance: 0 });
  });
});
