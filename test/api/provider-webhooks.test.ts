import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

/** What the server takes of a request. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

let server: TestServer;
let clientId: string;
/** The address of PRODUCTION. */
let otherEnvironment: string;
/** What Collect signs with; only the encrypted row knows it. */
let secret: string;
let customer: BilledCustomer;
let theirs: Stripe.Invoice;

beforeAll(async () => {
  server = await startTestServer({ credentialsKey });
  const { body } = await server.send("GET", "/v1/environment");
  clientId = body.data.client_id;
  const production = await server.send("GET", "/v1/environment", undefined, {
    authorization: `Bearer ${server.productionToken}`,
  });
  otherEnvironment = `${production.body.data.client_id}/PRODUCTION`;
  const { credential } = await server.db
    .selectFrom("connections")
    .select("credential")
    .where("built_in", "=", true)
    .executeTakeFirstOrThrow();
  [{ secret }] = JSON.parse(createVault(credentialsKey).decrypt(credential)).subscription.endpoints;
  await server.setClock(monthStart(0));
  const plan = await createPlan(server);
  customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
  await signMonth(server, plan, customer.id, 0);
  await useSome(server, plan, customer.id, monthStart(0));
  await server.setClock(monthBilledAt(0));
  const [invoice] = await listProviderInvoices(server.stripe, customer.payer);
  if (invoice === undefined) throw new Error("no invoice at the provider");
  theirs = invoice;
});
afterAll(() => server?.close());

let events = 0;

/** An event about the invoice that says whatever it likes. */
function event(object: object = {}, rest: object = {}): string {
  events += 1;
  return JSON.stringify({
    id: `evt_test_${events}`,
    object: "event",
    type: "invoice.updated",
    livemode: false,
    data: { object: { id: theirs.id, object: "invoice", metadata: theirs.metadata, ...object } },
    ...rest,
  });
}

const sign = (payload: string, timestamp = Math.floor(Date.now() / 1000), key = secret): string =>
  webhooks.generateTestHeaderString({ payload, secret: key, timestamp });

const post = async (
  body: string,
  signature: string | undefined = sign(body),
  path = `${clientId}/SANDBOX`,
): Promise<number> => {
  const response = await fetch(`${server.url}/stripe/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      ...(signature === "" ? {} : { "stripe-signature": signature }),
    },
    body,
  });
  return response.status;
};

/** Lets the clock's advance do what the events asked for. */
const settle = () => server.setClock(monthBilledAt(0));

async function external() {
  const [invoice] = await listInvoices(server.metronome, customer.id);
  return invoice?.external_invoice;
}

async function countEvents(): Promise<number> {
  const rows = await server.db.selectFrom("provider_events").select("event_id").execute();
  return rows.length;
}

describe("an event is refused, and leaves no trace,", () => {
  const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
  test.each<[string, number, () => Promise<number>]>([
    ["without a signature", 400, () => post(event(), "")],
    [
      "with a forged signature",
      400,
      () => post(event(), sign(event(), undefined, "whsec_guessed")),
    ],
    ["with the signature of another body", 400, () => post(event(), sign(event()))],
    [
      "when it is stale",
      400,
      () => {
        const body = event();
        return post(body, sign(body, ago(3600)));
      },
    ],
    [
      "when it is a moment older than 300 seconds",
      400,
      () => {
        const body = event();
        return post(body, sign(body, ago(301)));
      },
    ],
    [
      "when it was sent well before, and is repeated with its old signature",
      400,
      () => {
        const body = event();
        const header = sign(body, ago(900));
        return post(body, header.replace(/t=\d+/, `t=${ago(0)}`));
      },
    ],
    [
      "when it is larger than any event",
      413,
      () => {
        const body = event({ description: "x".repeat(MAX_BODY_BYTES) });
        return post(body, sign(body));
      },
    ],
    ["of live mode", 400, () => post(event({}, { livemode: true }))],
    ["at the other environment", 400, () => post(event(), undefined, otherEnvironment)],
    [
      "at an environment of another client",
      404,
      () => post(event(), undefined, `${clientId}/PRODUCTION`),
    ],
    ["at an environment there is not", 404, () => post(event(), undefined, `${clientId}/TEST`)],
    [
      "at another client id",
      404,
      () => post(event(), undefined, "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11/SANDBOX"),
    ],
    ["at no client id at all", 404, () => post(event(), undefined, "x'%20or%201=1/SANDBOX")],
    ["when it is no JSON", 400, () => post("not json", sign("not json"))],
    ["when it is empty", 400, () => post("", sign(""))],
  ])("%s", async (_what, status, attempt) => {
    const before = await countEvents();
    expect(await attempt()).toBe(status);
    expect(await countEvents()).toBe(before);
  });
});

test("an address is the same in whatever case it is written", async () => {
  const before = await countEvents();
  for (const path of [`${clientId.toUpperCase()}/sandbox`, `${clientId}/Sandbox`]) {
    expect(await post(event(), undefined, path)).toBe(200);
  }
  expect(await countEvents()).toBe(before + 2);
});

test("of many that come at once each has its own answer, and each is kept once", async () => {
  const before = await countEvents();
  const attempts = Array.from({ length: 12 }, () => {
    const body = event();
    const forged = event();
    return [
      post(body),
      post(body),
      post(forged, sign(forged, undefined, "whsec_guessed")),
      post(event(), undefined, otherEnvironment),
      post(event(), undefined, `${clientId}/TEST`),
    ];
  });
  const answers = await Promise.all(attempts.map((some) => Promise.all(some)));
  expect(answers).toEqual(attempts.map(() => [200, 200, 400, 400, 404]));
  expect(await countEvents()).toBe(before + 12);
  await settle();
  const { rows } = await sql<{ open: bigint }>`select count(*) as open from provider_events
    where processed_at is null`.execute(server.db);
  expect(rows).toEqual([{ open: 0n }]);
});

describe("an event is only a hint:", () => {
  test("what it says of the invoice does not count, what stands there does", async () => {
    expect((await external())?.external_status).toBe("FINALIZED");
    expect(await post(event({ status: "paid", amount_paid: 2034 }, { type: "invoice.paid" }))).toBe(
      200,
    );
    expect(await post(event({ status: "void" }, { type: "invoice.voided" }))).toBe(200);
    expect(await post(event({}, { type: "invoice.deleted" }))).toBe(200);
    await settle();
    expect((await external())?.external_status).toBe("FINALIZED");
  });

  test("of another product's invoice it is taken in and passed over", async () => {
    const payer = await server.stripe.customers.create({ name: "Another product's" });
    const foreign = await server.stripe.invoices.create({ customer: payer.id });
    const before = await external();
    expect(await post(event({ id: foreign.id, metadata: {} }))).toBe(200);
    const odd = { ledgerline_invoice_id: "not an id of ours" };
    expect(await post(event({ id: foreign.id, metadata: odd }))).toBe(200);
    // A copy of our invoice carries our metadata, and is not ours.
    expect(await post(event({ id: foreign.id, metadata: theirs.metadata }))).toBe(200);
    expect(await post(event({ object: "customer", id: payer.id }))).toBe(200);
    await settle();
    expect(await external()).toEqual(before);
    const open = await server.db
      .selectFrom("provider_events")
      .select("event_id")
      .where("processed_at", "is", null)
      .execute();
    expect(open).toEqual([]);
  });

  test("sent twice it is kept once", async () => {
    const before = await countEvents();
    const body = event();
    const first = sign(body);
    expect([await post(body, first), await post(body, first)]).toEqual([200, 200]);
    expect(await post(body, sign(body, Math.floor(Date.now() / 1000) - 60))).toBe(200);
    expect(await countEvents()).toBe(before + 1);
  });

  test("in whatever order events come, the newest look decides", async () => {
    await server.stripe.invoices.pay(theirs.id ?? "", { paid_out_of_band: true });
    await settle();
    expect((await external())?.external_status).toBe("PAID");
    // Late copies of everything that was before, the oldest last.
    const { data } = await server.stripe.events.list({ limit: 100 });
    const late = data.filter((one) => (one.data.object as { id?: string }).id === theirs.id);
    expect(late.length).toBeGreaterThanOrEqual(3);
    for (const one of late) {
      const body = JSON.stringify({ ...one, id: `${one.id}_late` });
      expect(await post(body)).toBe(200);
    }
    await settle();
    expect((await external())?.external_status).toBe("PAID");
  });
});
