import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instant } from "../../src/domain/time.ts";
import { finalizeInvoice } from "../../src/operations/finalize-invoice.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** The clock only goes forwards, so the blocks follow on each other in time. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

let server: TestServer;
let fixed: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  const tokens = await createUsageProduct(server.metronome, "tokens");
  fixed = await createFixedProduct(server.metronome, "fee");
  card = await createRateCard(server.metronome, [[tokens, 100]]);
});

afterAll(async () => {
  await server.close();
});

const show = ({ type, status, start_timestamp, end_timestamp, total }: Invoice) =>
  type === "USAGE"
    ? `${status} ${start_timestamp?.slice(0, 10)}..${end_timestamp?.slice(0, 10)} ${total}`
    : `${status} ${type} ${total}`;

const shown = async (customerId: string) =>
  (await listInvoices(server.metronome, customerId)).map(show);

const setGrace = (hours: number) =>
  server.send("PATCH", "/v1/settings/invoicing", { grace_period_hours: hours });

describe("grace", () => {
  test("is what is set when the period ends, and later changes leave that period alone", async () => {
    const customerId = await createCustomer(server.metronome);
    await createContract(server.metronome, customerId, card, {
      starting_at: "2024-01-01T00:00:00Z",
    });
    await setGrace(48);
    await server.setClock("2024-02-01T00:00:00Z");
    await setGrace(0);
    await server.setClock("2024-02-02T23:59:59Z");
    expect((await shown(customerId))[0]).toBe("DRAFT 2024-01-01..2024-02-01 0");
    await server.setClock("2024-02-03T00:00:00Z");
    expect((await listInvoices(server.metronome, customerId))[0]).toMatchObject({
      status: "FINALIZED",
      issued_at: "2024-02-03T00:00:00Z",
    });
    // No grace: the end of the period is the instant of issue.
    await server.setClock("2024-03-01T00:00:00Z");
    expect((await listInvoices(server.metronome, customerId))[1]).toMatchObject({
      status: "FINALIZED",
      start_timestamp: "2024-02-01T00:00:00Z",
      issued_at: "2024-03-01T00:00:00Z",
    });
    await setGrace(24);
  });
});

describe("a contract whose end moves", () => {
  let customerId: string;
  let contractId: string;

  const moveEnd = (endingBefore: string) =>
    server.metronome.v1.contracts.updateEndDate({
      customer_id: customerId,
      contract_id: contractId,
      ending_before: endingBefore,
      allow_ending_before_finalized_invoice: true,
    });

  test("the draft is cut and finalized at the new end, the rest billed when it is prolonged", async () => {
    customerId = await createCustomer(server.metronome);
    contractId = await createContract(server.metronome, customerId, card, {
      starting_at: "2024-03-01T00:00:00Z",
    });
    await server.setClock("2024-03-20T00:00:00Z");
    await use(server.metronome, customerId, "tokens", "2024-03-10T00:00:00Z", 3);
    await use(server.metronome, customerId, "tokens", "2024-03-19T00:00:00Z", 4);
    await moveEnd("2024-03-15T00:00:00Z");
    await server.setClock("2024-03-20T00:00:00Z");
    expect(await shown(customerId)).toEqual(["FINALIZED 2024-03-01..2024-03-15 300"]);

    await moveEnd("2024-06-01T00:00:00Z");
    expect(await shown(customerId)).toEqual([
      "FINALIZED 2024-03-01..2024-03-15 300",
      "DRAFT 2024-03-15..2024-04-01 400",
    ]);
    await server.setClock("2024-04-02T00:00:00Z");
    expect(await shown(customerId)).toEqual([
      "FINALIZED 2024-03-01..2024-03-15 300",
      "FINALIZED 2024-03-15..2024-04-01 400",
      "DRAFT 2024-04-01..2024-05-01 0",
    ]);
  });

  test("archived: its drafts are gone, its invoices stay, and no more come", async () => {
    await server.metronome.v1.contracts.archive({
      customer_id: customerId,
      contract_id: contractId,
      void_invoices: false,
    });
    await server.setClock("2024-05-05T00:00:00Z");
    expect(await shown(customerId)).toEqual([
      "FINALIZED 2024-03-01..2024-03-15 300",
      "FINALIZED 2024-03-15..2024-04-01 400",
    ]);
  });
});

describe("scheduled amounts", () => {
  const charge = (timestamp: string, amount: number) => ({
    product_id: fixed,
    schedule: { credit_type_id: USD, schedule_items: [{ timestamp, amount }] },
  });

  test("ride on the usage invoice whose period ends with them, where the contract says so", async () => {
    const customerId = await createCustomer(server.metronome);
    await createContract(server.metronome, customerId, card, {
      starting_at: "2024-05-05T00:00:00Z",
      scheduled_charges_on_usage_invoices: "ALL",
      scheduled_charges: [charge("2024-06-01T00:00:00Z", 500), charge("2024-06-02T00:00:00Z", 70)],
    });
    await server.setClock("2024-06-03T00:00:00Z");
    expect(await shown(customerId)).toEqual([
      "FINALIZED 2024-05-05..2024-06-01 500",
      "FINALIZED SCHEDULED 70",
      "DRAFT 2024-06-01..2024-07-01 0",
    ]);
  });

  test("at one instant share an invoice; one added after it was sent gets its own", async () => {
    const customerId = await createCustomer(server.metronome);
    const contractId = await createContract(server.metronome, customerId, card, {
      starting_at: "2024-06-03T00:00:00Z",
      scheduled_charges: [charge("2024-06-04T00:00:00Z", 500), charge("2024-06-04T00:00:00Z", 30)],
    });
    await server.setClock("2024-06-05T00:00:00Z");
    const sold = { amount: 900, timestamp: "2024-06-04T00:00:00Z" };
    await server.metronome.v1.customers.commits.create({
      customer_id: customerId,
      type: "PREPAID",
      priority: 1,
      product_id: fixed,
      invoice_contract_id: contractId,
      access_schedule: {
        schedule_items: [
          {
            amount: 1000,
            starting_at: "2024-06-04T00:00:00Z",
            ending_before: "2025-06-04T00:00:00Z",
          },
        ],
      },
      invoice_schedule: { schedule_items: [sold] },
    });
    await server.setClock("2024-06-05T00:00:00Z");
    const scheduled = (await shown(customerId)).filter((row) => row.includes("SCHEDULED"));
    expect(scheduled).toEqual(["FINALIZED SCHEDULED 530", "FINALIZED SCHEDULED 900"]);
  });
});

describe("two contracts of one customer", () => {
  test("finalized at the same moment by two processes never burn one commit twice", async () => {
    const { metronome, db } = server;
    const customerId = await createCustomer(metronome);
    for (const _ of [1, 2]) {
      await createContract(metronome, customerId, card, { starting_at: "2024-06-05T00:00:00Z" });
    }
    await metronome.v1.customers.credits.create({
      customer_id: customerId,
      priority: 1,
      product_id: fixed,
      access_schedule: {
        credit_type_id: USD,
        schedule_items: [
          {
            amount: 150,
            starting_at: "2024-06-05T00:00:00Z",
            ending_before: "2025-06-05T00:00:00Z",
          },
        ],
      },
    });
    await server.setClock("2024-06-20T00:00:00Z");
    await use(metronome, customerId, "tokens", "2024-06-19T00:00:00Z", 1);
    // Both contracts bill the customer's usage: 100 each, of which the credit of 150 pays.
    const drafts = await listInvoices(metronome, customerId);
    await server.setClock("2024-07-01T23:00:00Z");
    const environment = await db
      .selectFrom("environments")
      .selectAll()
      .where("name", "=", "SANDBOX")
      .executeTakeFirstOrThrow();
    const logger = { warn: () => {} };
    const context = {
      db,
      environment: {
        id: environment.id,
        name: environment.name,
        clientId: environment.client_id,
        orgId: environment.org_id,
      },
      now: instant("2024-07-02T00:00:00Z"),
      actor: "test",
      services: { logger, providers: {} } as never,
    };
    await Promise.all(
      [...drafts, ...drafts].map(({ id }) =>
        finalizeInvoice(context, { invoiceId: id, customerId }),
      ),
    );
    const invoices = (await listInvoices(metronome, customerId)).slice(0, 2);
    expect(invoices.map(({ status }) => status)).toEqual(["FINALIZED", "FINALIZED"]);
    expect(invoices.map(({ total }) => total).toSorted()).toEqual([0, 50]);
    const entries = await db
      .selectFrom("commit_ledger_entries")
      .innerJoin("commits", "commits.id", "commit_ledger_entries.commit_id")
      .where("commits.customer_id", "=", customerId)
      .select("commit_ledger_entries.amount")
      .execute();
    expect(entries.map(({ amount }) => amount).toSorted()).toEqual(["-100", "-50"]);
  });
});

describe("usage that arrives while its period is finalized", () => {
  test("is on the invoice or reported late: never neither, never both", async () => {
    const { metronome } = server;
    await server.setClock("2024-07-02T12:00:00Z");
    const customerId = await createCustomer(metronome);
    await createContract(metronome, customerId, card, { starting_at: "2024-07-01T00:00:00Z" });
    await server.setClock("2024-08-01T23:59:59Z");
    let sent = 0;
    let going = true;
    const sender = async () => {
      while (going) {
        await use(metronome, customerId, "tokens", "2024-07-31T23:00:00Z", 1);
        sent += 1;
      }
    };
    const senders = [sender(), sender(), sender()];
    await server.setClock("2024-08-02T00:00:00Z");
    going = false;
    await Promise.all(senders);
    await use(metronome, customerId, "tokens", "2024-07-31T23:30:00Z", 1);
    sent += 1;
    const [july] = await listInvoices(metronome, customerId);
    expect(july?.status).toBe("FINALIZED");
    const { body } = await server.send("GET", `/v1/invoices/${july?.id}/late-usage`);
    const [late] = body.data;
    expect(late.invoiced_value * 100).toBe(july?.total);
    expect(late.invoiced_value + late.late_event_count).toBe(sent);
    expect(late.current_value).toBe(sent);
  });
});
