import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  listProviderInvoices,
} from "../support/billed-customer.ts";
import {
  createContract,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { BILLED_FROM_FEBRUARY, importJanuary } from "../support/import-january.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

/** Invoices that are taken back and made anew. Prices are in cents; today is February 3, 2024. */
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const TODAY = "2024-02-03T00:00:00Z";

let server: TestServer;
let metronome: Metronome;
let fixed: string;
let card: string;
let customer: BilledCustomer;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(TODAY);
  fixed = await createFixedProduct(metronome, "Onboarding");
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 100]]);
});
afterAll(() => server.close());
beforeEach(async () => {
  customer = await createBilledCustomer(server);
});

/** A contract of January alone, unless the terms say more; its invoice is final at once. */
const sign = async (terms: Partial<NewContract> = {}): Promise<string> => {
  const contract = await createContract(metronome, customer.id, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
    ...terms,
  });
  await server.setClock(TODAY);
  return contract;
};

const january = (value: number) =>
  use(metronome, customer.id, "tokens", "2024-01-20T00:00:00Z", value);

const all = () => listInvoices(metronome, customer.id);
const usage = async (): Promise<Invoice> => {
  const found = (await all()).findLast(({ type }) => type === "USAGE");
  if (found === undefined) throw new Error("no usage invoice");
  return found;
};
const shown = ({ type, status, line_items: lines, total }: Invoice) =>
  `${type} ${status}: ${lines.map(showLine).join(", ")}; ${total}`;

const prepaid = (amount: number): NonNullable<NewContract["commits"]>[number] => ({
  type: "PREPAID",
  product_id: fixed,
  name: "Balance",
  access_schedule: {
    schedule_items: [
      { amount, starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" },
    ],
  },
});

const ledger = async (contract: string): Promise<string[]> => {
  const { rows } = await sql<{ type: string; amount: string }>`
    select entry.type, entry.amount from commit_ledger_entries entry
    join invoices on invoices.id = entry.invoice_id
    where invoices.contract_id = ${contract} order by entry.amount, entry.id`.execute(server.db);
  return rows.map(({ type, amount }) => `${type} ${amount}`);
};

test("an invoice is taken back and made anew from what is known now", async () => {
  const log = await startWebhookLog(server);
  await january(3);
  const contract = await sign({ commits: [prepaid(500)] });
  const before = await usage();
  expect(shown(before)).toBe("USAGE FINALIZED: tokens: 3 x 100 = 300, Balance applied = -300; 0");
  // 4 more came too late for it.
  await january(4);
  expect(await metronome.v1.invoices.void({ id: before.id })).toEqual({ data: { id: before.id } });
  expect((await all()).map(shown)).toEqual([
    "USAGE VOID: tokens: 3 x 100 = 300, Balance applied = -300; 0",
  ]);
  expect(await ledger(contract)).toEqual([
    "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -300",
    "PREPAID_COMMIT_CREDITED 300",
  ]);

  const { data } = await metronome.v1.invoices.regenerate({ id: before.id });
  const after = await usage();
  // 7 used; the balance of 500 pays 5.
  expect(shown(after)).toBe(
    "USAGE FINALIZED: tokens: 5 x 100 = 500, Balance applied = -500, tokens: 2 x 100 = 200; 200",
  );
  expect(after).toMatchObject({
    id: data?.id,
    regenerated_from_invoice_id: before.id,
    start_timestamp: before.start_timestamp,
    end_timestamp: before.end_timestamp,
  });
  expect(after.id).not.toBe(before.id);
  expect(await ledger(contract)).toEqual([
    "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -500",
    "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -300",
    "PREPAID_COMMIT_CREDITED 300",
  ]);
  const late = await server.send("GET", `/v1/invoices/${after.id}/late-usage`);
  expect(late.body).toEqual({ data: [] });

  // It is sent as any other; what stands there of the first one stays.
  await server.setClock(TODAY);
  const theirs = await listProviderInvoices(server.stripe, customer.payer);
  expect(theirs.map(({ total }) => total).toSorted((a, b) => a - b)).toEqual([0, 200]);
  expect((await usage()).external_invoice).toMatchObject({ external_status: "PAID" });
  const told = log.messages("invoice.finalized").map(({ properties }) => properties.invoice_id);
  expect(told).toEqual([before.id, after.id]);
  await log.close();
});

test("what was billed by date is billed again only by regenerating", async () => {
  const charge = {
    product_id: fixed,
    schedule: {
      schedule_items: [{ timestamp: "2024-01-15T00:00:00Z", unit_price: 700, quantity: 2 }],
    },
  };
  const contract = await sign({ scheduled_charges: [charge] });
  const scheduled = async () => (await all()).filter(({ type }) => type === "SCHEDULED");
  const [first] = await scheduled();
  await metronome.v1.invoices.void({ id: first?.id ?? "" });
  // Nothing that looks at the contract's invoices makes it anew.
  await metronome.v1.contracts.updateEndDate({
    customer_id: customer.id,
    contract_id: contract,
    ending_before: "2024-03-01T00:00:00Z",
  });
  await server.setClock(TODAY);
  expect((await scheduled()).map(shown)).toEqual([
    "SCHEDULED VOID: Onboarding: 2 x 700 = 1400; 1400",
  ]);
  const { data } = await metronome.v1.invoices.regenerate({ id: first?.id ?? "" });
  expect((await scheduled()).map(shown)).toEqual([
    "SCHEDULED VOID: Onboarding: 2 x 700 = 1400; 1400",
    "SCHEDULED FINALIZED: Onboarding: 2 x 700 = 1400; 1400",
  ]);
  expect((await scheduled())[1]?.id).toBe(data?.id);
});

test("it can be taken back again, and each one says whose place it took", async () => {
  await january(1);
  await sign();
  const ids = [(await usage()).id];
  for (let again = 0; again < 3; again += 1) {
    const id = ids.at(-1) ?? "";
    await metronome.v1.invoices.void({ id });
    ids.push((await metronome.v1.invoices.regenerate({ id })).data?.id ?? "");
  }
  const found = await all();
  expect(found.map(({ status }) => status)).toEqual(["VOID", "VOID", "VOID", "FINALIZED"]);
  expect(found.map(({ id }) => id)).toEqual(ids);
  expect(found.map((one) => one.regenerated_from_invoice_id)).toEqual([
    undefined,
    ...ids.slice(0, 3),
  ]);
});

test("it is made anew once, however many ask at once", async () => {
  await sign();
  const { id } = await usage();
  await metronome.v1.invoices.void({ id });
  const attempts = await Promise.allSettled(
    [1, 2, 3].map(() => metronome.v1.invoices.regenerate({ id })),
  );
  expect(attempts.map(({ status }) => status).toSorted()).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  expect((await all()).map(({ status }) => status).toSorted()).toEqual(["FINALIZED", "VOID"]);
});

describe("refused, and nothing changes:", () => {
  const expectRefusal = async (work: () => Promise<unknown>, status: number, reason: RegExp) => {
    // What was made before is sent first, or its way through the provider would look like a change.
    await server.setClock(TODAY);
    const before = await all();
    await expect(work()).rejects.toMatchObject({ status });
    await expect(work()).rejects.toThrow(reason);
    expect(await all()).toEqual(before);
  };

  test("a draft, a void one, a live one", async () => {
    await sign({ ending_before: "2024-03-01T00:00:00Z" });
    const [final, draft] = await all();
    const id = final?.id ?? "";
    await expectRefusal(
      () => metronome.v1.invoices.void({ id: draft?.id ?? "" }),
      400,
      /is DRAFT: only a finalized invoice can be voided/,
    );
    await expectRefusal(
      () => metronome.v1.invoices.regenerate({ id }),
      400,
      /is FINALIZED: only a void invoice is regenerated/,
    );
    await metronome.v1.invoices.void({ id });
    await expectRefusal(() => metronome.v1.invoices.void({ id }), 400, /is void already/);
    await metronome.v1.invoices.regenerate({ id });
    await expectRefusal(
      () => metronome.v1.invoices.regenerate({ id }),
      400,
      /was regenerated already, as/,
    );
  });

  test("one that there is not, and one of the other environment", async () => {
    await sign();
    const { id } = await usage();
    await expectRefusal(() => metronome.v1.invoices.void({ id: NOBODY }), 404, /not found/);
    await expectRefusal(() => metronome.v1.invoices.regenerate({ id: NOBODY }), 404, /not found/);
    for (const what of ["void", "regenerate"]) {
      const { status } = await server.send(
        "POST",
        `/v1/invoices/${what}`,
        { id },
        {
          authorization: `Bearer ${server.productionToken}`,
        },
      );
      expect(status).toBe(404);
    }
    expect((await usage()).status).toBe("FINALIZED");
  });

  test("of an archived contract", async () => {
    const contract = await sign();
    const { id } = await usage();
    await metronome.v1.contracts.archive({
      customer_id: customer.id,
      contract_id: contract,
      void_invoices: true,
    });
    await expectRefusal(() => metronome.v1.invoices.regenerate({ id }), 400, /is archived/);
  });

  test("one that was issued elsewhere: it is imported again, its balance is given back first", async () => {
    const contract = await sign({ ...BILLED_FROM_FEBRUARY, commits: [prepaid(500)] });
    const { data: products } = await metronome.v1.contracts.products.list();
    const product = products.find(({ current }) => current.name === "tokens")?.id ?? "";
    const issuedElsewhere = (quantity: number) =>
      importJanuary(metronome, { customer: customer.id, contract, product }, quantity);
    const { data } = await issuedElsewhere(3);
    const id = data[0]?.id ?? "";
    await metronome.v1.invoices.void({ id });
    await expectRefusal(
      () => metronome.v1.invoices.regenerate({ id }),
      400,
      /was issued elsewhere: import it again instead/,
    );
    const again = await issuedElsewhere(6);
    // All of the balance is there again: 500 of 600.
    expect(again.data.map(({ total }) => total)).toEqual([100]);
    expect(again.data[0]?.id).not.toBe(id);
  });
});
