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

let world: DyingQuickBooksWorld;

beforeAll(async () => {
  world = await openDyingQuickBooksWorld();
  await world.finishAdvance("2026-02-10T00:00:00Z");
}, TIMEOUT_MS);
afterAll(() => world?.close());

/** What was made before a death is found by its number: it is not read once more. */
const KINDS = {
  before: ["POST /customer", "POST /invoice", "GET /invoice"],
  after: ["GET /query", "POST /customer", "POST /item", "POST /invoice"],
};

test.each(["before", "after"] as const)(
  "killed %s the books heard of a call, each once, and started again: one customer, one of each item, one document",
  async (when) => {
    const { finishAdvance, quickBooks } = world;
    const name = `Killed ${when}`;
    const metronome = world.metronome();
    // Both items are made one after the other, without a look in between.
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, name), 5400],
      [await createUsageProduct(metronome, `${name}, a second`), 100],
    ]);
    const reply = await world.send("POST", "/v1/customers", {
      name,
      customer_billing_provider_configurations: [
        {
          billing_provider: "quickbooks_online",
          delivery_method: "direct_to_billing_provider",
        },
      ],
    });
    if (reply === undefined) throw new Error("the server is gone");
    const { data } = (await reply.json()) as { data: { id: string } };
    const [from, to, billed] =
      when === "before"
        ? ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", BILLED]
        : ["2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"];
    if (when === "after") await finishAdvance("2026-04-10T00:00:00Z");
    await createContract(world.metronome(), data.id, card, {
      starting_at: from,
      ending_before: to,
    });
    await use(world.metronome(), data.id, name, from.replace("01T", "05T"), "3");
    const kinds = KINDS[when];
    await use(world.metronome(), data.id, `${name}, a second`, from.replace("01T", "05T"), "2");
    const killed = world.killAtEach(kinds, when);
    await finishAdvance(billed);
    expect(killed.toSorted()).toEqual(kinds.toSorted());
    const [invoice] = await listInvoices(world.metronome(), data.id);
    const { company } = quickBooks;
    const named = (entity: "Customer" | "Item") =>
      company.list(entity).filter((each) => JSON.stringify(each).includes(name));
    expect(named("Customer")).toHaveLength(1);
    expect(named("Item")).toHaveLength(2);
    const documents = company
      .list("Invoice")
      .filter(({ PrivateNote = "" }) => PrivateNote.includes(String(invoice?.id)));
    // 3 x 54.00 + 2 x 1.00.
    expect(documents).toMatchObject([{ TotalAmt: 164, Balance: 164 }]);
    expect(invoice?.external_invoice).toMatchObject({
      invoice_id: documents[0]?.Id,
      external_status: "FINALIZED",
    });
  },
  TIMEOUT_MS,
);
