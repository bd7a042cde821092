import { randomBytes, randomUUID } from "node:crypto";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVault } from "../../src/platform/secrets/encryption.ts";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { listInvoices } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const { webhooks } = new Stripe("sk_test_unused");
const credentialsKey = randomBytes(32);

let server: TestServer;
let address: string;
let secret: string;

interface Billed extends BilledCustomer {
  readonly ours: string;
  readonly theirs: string;
}
const billed: Billed[] = [];

const CUSTOMERS = 14;

/** So many minutes after the month was billed. */
let minutes = 0;
const advance = async (by = 0): Promise<void> => {
  minutes += by;
  const at = Date.parse(monthBilledAt(0)) + minutes * 60_000;
  await server.setClock(new Date(at).toISOString());
};

/** Everybody is billed in one go; Collect then tells nothing any more: the events are ours. */
beforeAll(async () => {
  server = await startTestServer({ credentialsKey });
  const { body } = await server.send("GET", "/v1/environment");
  address = `${body.data.client_id}/SANDBOX`;
  const { credential } = await server.db
    .selectFrom("connections")
    .select("credential")
    .where("built_in", "=", true)
    .executeTakeFirstOrThrow();
  [{ secret }] = JSON.parse(createVault(credentialsKey).decrypt(credential)).subscription.endpoints;
  await server.setClock(monthStart(0));
  const plan = await createPlan(server);
  const customers: BilledCustomer[] = [];
  for (let count = 0; count < CUSTOMERS; count += 1) {
    const customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
    await signMonth(server, plan, customer.id, 0);
    await useSome(server, plan, customer.id, monthStart(0));
    customers.push(customer);
  }
  await advance();
  for (const customer of customers) {
    const [ours] = await listInvoices(server.metronome, customer.id);
    const [theirs] = await listProviderInvoices(server.stripe, customer.payer);
    billed.push({ ...customer, ours: ours?.id ?? "", theirs: theirs?.id ?? "" });
  }
  for await (const endpoint of server.stripe.webhookEndpoints.list()) {
    await server.stripe.webhookEndpoints.del(endpoint.id);
  }
}, 180_000);
afterAll(() => server?.close());

let events = 0;

/** Tells of an invoice as Stripe would, and lets the event be looked into. Answers the event's id. */
async function tell(type: string, { ours, theirs }: Billed, id?: string): Promise<string> {
  events += 1;
  const eventId = id ?? `evt_status_${events}`;
  const body = JSON.stringify({
    id: eventId,
    object: "event",
    type,
    created: 1_706_832_000,
    livemode: false,
    data: {
      object: { id: theirs, object: "invoice", metadata: { ledgerline_invoice_id: ours } },
    },
  });
  const signature = webhooks.generateTestHeaderString({ payload: body, secret });
  const response = await fetch(`${server.url}/stripe/${address}`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body,
  });
  expect(response.status).toBe(200);
  await advance();
  return eventId;
}

const statusOf = async ({ id }: Billed) =>
  (await listInvoices(server.metronome, id))[0]?.external_invoice?.external_status;

interface Change {
  readonly status: string | null;
  readonly changed_at: string;
  readonly observed_at: string;
  readonly details_hash: string;
  readonly source_event_id: string | null;
}

async function historyOf({ ours }: Billed): Promise<Change[]> {
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${ours}`);
  return (await server.send("GET", `/v1/runs/${body.data[0].id}`)).body.data.status_history;
}

const take = (): Billed => {
  const next = billed.pop();
  if (next === undefined) throw new Error("nobody is left");
  return next;
};

const payOutOfBand = ({ theirs }: Billed) =>
  server.stripe.invoices.pay(theirs, { paid_out_of_band: true });

const decline = async ({ payer, theirs }: Billed): Promise<void> => {
  const method = await server.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: payer,
  });
  const paying = server.stripe.invoices.pay(theirs, { payment_method: method.id });
  await expect(paying).rejects.toMatchObject({ code: "card_declined" });
};

/** The guide's table of events. */
test.each<[string, string, (invoice: Billed) => Promise<unknown>]>([
  ["invoice.finalized", "FINALIZED", async () => undefined],
  [
    "invoice.marked_uncollectible",
    "UNCOLLECTIBLE",
    ({ theirs }) => server.stripe.invoices.markUncollectible(theirs),
  ],
  ["invoice.paid", "PAID", payOutOfBand],
  ["invoice.payment_failed", "PAYMENT_FAILED", decline],
  ["invoice.payment_succeeded", "PAID", payOutOfBand],
  ["invoice.voided", "VOID", ({ theirs }) => server.stripe.invoices.voidInvoice(theirs)],
  ["invoice.void", "VOID", ({ theirs }) => server.stripe.invoices.voidInvoice(theirs)],
  ["INVOICE.Voided", "VOID", ({ theirs }) => server.stripe.invoices.voidInvoice(theirs)],
])("%s: %s", async (type, status, happen) => {
  const invoice = take();
  expect(await statusOf(invoice)).toBe("FINALIZED");
  await happen(invoice);
  expect(await statusOf(invoice), "nobody has told yet").toBe("FINALIZED");
  const event = await tell(type, invoice);
  expect(await statusOf(invoice)).toBe(status);
  const history = await historyOf(invoice);
  const statuses = history.map((change) => change.status);
  expect(statuses).toEqual(status === "FINALIZED" ? [status] : ["FINALIZED", status]);
  if (status !== "FINALIZED") expect(history[1]?.source_event_id).toBe(event);
  expect(history[0]?.changed_at).toBe(monthBilledAt(0));
  expect(history[0]?.details_hash).toMatch(/^[0-9a-f]{64}$/);
  await tell(type, invoice, event);
  await tell(type, invoice);
  expect(await historyOf(invoice), "told again, it has not changed").toEqual(history);
});

test("a payment that succeeds after one that failed, told in the wrong order and in one second", async () => {
  const invoice = take();
  await decline(invoice);
  await tell("invoice.payment_failed", invoice);
  expect(await statusOf(invoice)).toBe("PAYMENT_FAILED");
  await payOutOfBand(invoice);
  await tell("invoice.paid", invoice);
  await tell("invoice.updated", invoice);
  await tell("invoice.payment_failed", invoice);
  await tell("invoice.finalized", invoice);
  expect(await statusOf(invoice)).toBe("PAID");
  const statuses = (await historyOf(invoice)).map(({ status }) => status);
  expect(statuses).toEqual(["FINALIZED", "PAYMENT_FAILED", "PAID"]);
});

test("uncollectible, and paid after all", async () => {
  const invoice = take();
  await server.stripe.invoices.markUncollectible(invoice.theirs);
  await tell("invoice.marked_uncollectible", invoice);
  await payOutOfBand(invoice);
  await tell("invoice.paid", invoice);
  const statuses = (await historyOf(invoice)).map(({ status }) => status);
  expect(statuses).toEqual(["FINALIZED", "UNCOLLECTIBLE", "PAID"]);
});

test("what is told before anything is known of it is looked into again for some minutes", async () => {
  const invoice = take();
  await payOutOfBand(invoice);
  const connection = await server.db
    .updateTable("integration_runs")
    .set({ connection_id: null, external_id: null })
    .where("invoice_id", "=", invoice.ours)
    .returning("external_status")
    .executeTakeFirstOrThrow();
  expect(connection.external_status).toBe("FINALIZED");
  await tell("invoice.paid", invoice);
  await advance(1);
  expect(await statusOf(invoice)).toBe("FINALIZED");
  const { id } = await server.db
    .selectFrom("connections")
    .select("id")
    .where("built_in", "=", true)
    .executeTakeFirstOrThrow();
  await server.db
    .updateTable("integration_runs")
    .set({ connection_id: id })
    .where("invoice_id", "=", invoice.ours)
    .execute();
  await advance(5);
  expect(await statusOf(invoice)).toBe("PAID");
});

test("an invoice that never becomes known is passed over in the end", async () => {
  const invoice = { ...take(), ours: randomUUID(), theirs: "in_of_nobody" };
  const event = await tell("invoice.paid", invoice);
  const processedAt = async () =>
    (
      await server.db
        .selectFrom("provider_events")
        .select("processed_at")
        .where("event_id", "=", event)
        .executeTakeFirstOrThrow()
    ).processed_at;
  await advance(5);
  expect(await processedAt()).toBeNull();
  await advance(10);
  expect(await processedAt()).not.toBeNull();
});
