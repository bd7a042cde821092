import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import {
  type DyingQuickBooksWorld,
  openDyingQuickBooksWorld,
} from "../support/dying-quickbooks-world.ts";

const TIMEOUT_MS = 120_000;
const BILLED = "2026-03-02T00:00:00Z";
const CALLS = ["POST /creditmemo", "POST /payment"];

let world: DyingQuickBooksWorld;
let invoiceId: string;
let externalId: string;
let hours = 0;

/** One invoice of 3 x 54.00 stands in the books. */
beforeAll(async () => {
  world = await openDyingQuickBooksWorld();
  const { finishAdvance, send } = world;
  const metronome = world.metronome();
  await finishAdvance("2026-02-10T00:00:00Z");
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "Compute"), 5400],
  ]);
  const reply = await send("POST", "/v1/customers", {
    name: "Acme",
    customer_billing_provider_configurations: [
      { billing_provider: "quickbooks_online", delivery_method: "direct_to_billing_provider" },
    ],
  });
  if (reply === undefined) throw new Error("the server is gone");
  const { data } = (await reply.json()) as { data: { id: string } };
  await createContract(metronome, data.id, card, {
    starting_at: "2026-02-01T00:00:00Z",
    ending_before: "2026-03-01T00:00:00Z",
  });
  await use(metronome, data.id, "Compute", "2026-02-05T00:00:00Z", 3);
  await finishAdvance(BILLED);
  const [invoice] = await listInvoices(metronome, data.id);
  invoiceId = invoice?.id ?? "";
  externalId = invoice?.external_invoice?.invoice_id ?? "";
}, TIMEOUT_MS);
afterAll(() => world?.close());

const finish = (): Promise<void> => {
  hours += 1;
  return world.finishAdvance(new Date(Date.parse(BILLED) + hours * 3_600_000).toISOString());
};

interface ShownNote {
  readonly id: string;
  readonly delivery: { readonly status: string };
}

async function ask(method: string, path: string, body?: unknown): Promise<ShownNote> {
  const reply = await world.send(method, path, body);
  if (reply === undefined) throw new Error("the server is gone");
  return ((await reply.json()) as { data: ShownNote }).data;
}

const openOf = () => world.quickBooks.company.get("Invoice", externalId)?.Balance;

test.each(["before", "after"] as const)(
  "killed %s the books heard of each call of a credit note, and of its withdrawal: one memo, then none",
  async (when) => {
    const { company } = world.quickBooks;
    const given = world.killAtEach(CALLS, when);
    const { id } = await ask("POST", "/v1/credit-notes", { invoice_id: invoiceId, amount: 1000 });
    await finish();
    expect(given.toSorted()).toEqual(CALLS);
    expect(company.list("CreditMemo")).toMatchObject([{ TotalAmt: 10, Balance: 0 }]);
    expect(company.list("Payment")).toMatchObject([{ TotalAmt: 0 }]);
    expect(openOf()).toBe(152);

    const taken = world.killAtEach(CALLS, when);
    await ask("POST", `/v1/credit-notes/${id}/void`, {});
    await finish();
    expect(taken.toSorted()).toEqual(CALLS);
    expect([company.list("CreditMemo"), company.list("Payment")]).toEqual([[], []]);
    expect(openOf()).toBe(162);
    const { delivery } = await ask("GET", `/v1/credit-notes/${id}`);
    expect(delivery.status).toBe("SENT");
  },
  TIMEOUT_MS,
);
