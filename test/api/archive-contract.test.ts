import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Archiving contracts with what they billed, through the official client. */
let server: TestServer;
let card: string;
let fee: string;

const YEAR = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2025-01-01T00:00:00Z" };

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  card = await createRateCard(server.metronome, [
    [await createUsageProduct(server.metronome, "tokens"), 100],
  ]);
  fee = await createFixedProduct(server.metronome, "Prepayment");
});

afterAll(async () => {
  await server.close();
});

type Keys = { customer_id: string; contract_id: string };

/** 100 dollars bought on January 1, 60 used in January: 40 are left on February 2. */
const signAndUse = async (type: "PREPAID" | "POSTPAID"): Promise<Keys> => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: YEAR.starting_at,
    commits: [
      {
        type,
        product_id: fee,
        access_schedule: { schedule_items: [{ amount: 10_000, ...YEAR }] },
        invoice_schedule: {
          schedule_items: [
            {
              timestamp: type === "PREPAID" ? YEAR.starting_at : YEAR.ending_before,
              amount: 10_000,
            },
          ],
        },
      },
    ],
  });
  await use(server.metronome, customer_id, "tokens", "2024-01-01T10:00:00Z", 60);
  return { customer_id, contract_id };
};

const statuses = async ({ customer_id }: Keys) =>
  (await listInvoices(server.metronome, customer_id)).map(
    ({ type, status, total }) => `${type} ${status} ${total}`,
  );

const ledgerOf = async ({ customer_id }: Keys) => {
  const { data } = await server.metronome.v1.contracts.listBalances({
    customer_id,
    include_contract_balances: true,
    include_archived: true,
    include_ledgers: true,
    include_balance: true,
  });
  const [commit] = data;
  return {
    balance: commit?.balance,
    entries: commit?.ledger?.map(({ type, amount }) => `${type} ${amount}`),
    invoices: commit?.ledger?.map((entry) =>
      "invoice_id" in entry ? entry.invoice_id : undefined,
    ),
  };
};

describe("in February", () => {
  let kept: Keys;
  let voided: Keys;
  let postpaid: Keys;

  beforeAll(async () => {
    kept = await signAndUse("PREPAID");
    voided = await signAndUse("PREPAID");
    postpaid = await signAndUse("POSTPAID");
    await server.setClock("2024-02-02T00:00:00Z");
  });

  test("an archived contract keeps its finalized invoices; what is left of its commits expires", async () => {
    const before = await listInvoices(server.metronome, kept.customer_id, { status: "FINALIZED" });
    await server.metronome.v1.contracts.archive({ ...kept, void_invoices: false });
    expect(await statuses(kept)).toEqual(["SCHEDULED FINALIZED 10000", "USAGE FINALIZED 0"]);
    expect(await listInvoices(server.metronome, kept.customer_id)).toEqual(before);
    expect(await ledgerOf(kept)).toMatchObject({
      balance: 0,
      entries: [
        "PREPAID_COMMIT_SEGMENT_START 10000",
        "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -6000",
        "PREPAID_COMMIT_EXPIRATION -4000",
      ],
    });
  });

  test("or voids them, and gives back what they drew down", async () => {
    const [, usage] = await listInvoices(server.metronome, voided.customer_id);
    await server.metronome.v1.contracts.archive({ ...voided, void_invoices: true });
    expect(await statuses(voided)).toEqual(["SCHEDULED VOID 10000", "USAGE VOID 0"]);
    const ledger = await ledgerOf(voided);
    expect(ledger.entries).toEqual([
      "PREPAID_COMMIT_SEGMENT_START 10000",
      "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -6000",
      "PREPAID_COMMIT_CREDITED 6000",
      "PREPAID_COMMIT_EXPIRATION -10000",
    ]);
    expect(ledger.invoices?.slice(1, 3)).toEqual([usage?.id, usage?.id]);
  });

  test("doing it again changes nothing", async () => {
    const before = [await statuses(voided), await ledgerOf(voided)];
    await server.metronome.v1.contracts.archive({ ...voided, void_invoices: true });
    expect([await statuses(voided), await ledgerOf(voided)]).toEqual(before);
  });

  test("invoices that were kept can be voided later", async () => {
    await server.metronome.v1.contracts.archive({ ...kept, void_invoices: true });
    expect(await statuses(kept)).toEqual(["SCHEDULED VOID 10000", "USAGE VOID 0"]);
    expect((await ledgerOf(kept)).balance).toBe(0);
  });

  test("a postpaid commit gets its usage back as a correction, and is not trued up", async () => {
    await server.metronome.v1.contracts.archive({ ...postpaid, void_invoices: true });
    expect(await statuses(postpaid)).toEqual(["USAGE VOID 6000"]);
    expect((await ledgerOf(postpaid)).entries).toEqual([
      "POSTPAID_COMMIT_INITIAL_BALANCE 10000",
      "POSTPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -6000",
      "POSTPAID_COMMIT_MANUAL 6000",
      "POSTPAID_COMMIT_EXPIRATION -10000",
    ]);
  });

  test("nothing of an archived contract is ever billed again", async () => {
    await server.setClock("2025-02-01T00:00:00Z");
    for (const keys of [kept, voided, postpaid]) {
      expect((await statuses(keys)).every((line) => line.includes("VOID"))).toBe(true);
    }
  });
});

test("an archived contract cannot be changed", async () => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: YEAR.starting_at,
  });
  const keys = { customer_id, contract_id };
  await server.metronome.v1.contracts.archive({ ...keys, void_invoices: false });
  await expect(
    server.metronome.v1.contracts.updateEndDate({ ...keys, ending_before: YEAR.ending_before }),
  ).rejects.toMatchObject({ status: 400 });
  await expect(
    server.metronome.v1.contracts.archive({
      ...keys,
      contract_id: customer_id,
      void_invoices: true,
    }),
  ).rejects.toMatchObject({ status: 404 });
});
