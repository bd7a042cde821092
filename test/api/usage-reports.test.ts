import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Marketplace, openMarketplace } from "../aws-marketplace/marketplace.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * Usage reported to AWS Marketplace hour by hour, against a stand-in that has AWS's rules and the sandbox's time.
 * Calls cost a third of a cent, a fee is a dollar. Each test has customers and hours of its own.
 */
const KEY = "AKIA0000000000000001";
const CREDENTIAL = { access_key_id: KEY, secret_access_key: "secret-access-key-of-the-test" };

let server: TestServer;
let marketplace: Marketplace;
let card: string;
let empty: string;
let fee: string;
let connectionId: string;
let day = 1;
let buyers = 0;

/** Of the test's own day: "2024-01-02T05:30:00Z". */
const at = (time: string): string => `2024-01-${String(day).padStart(2, "0")}T${time}:00Z`;

beforeAll(async () => {
  marketplace = await openMarketplace({
    accessKeyId: KEY,
    productCode: "prod-1",
    dimension: "usd_cents",
    now: async () => (await server.send("GET", "/v1/sandbox/clock")).body.data.now,
  });
  server = await startTestServer({ awsMarketplaceApiBase: marketplace.url });
  await server.setClock("2024-01-01T00:00:00Z");
  const { metronome } = server;
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "calls"), 0.333]]);
  empty = await createRateCard(metronome, []);
  fee = await createFixedProduct(metronome, "Fee");
  const { status, body } = await server.send("POST", "/v1/connections", {
    provider: "aws_marketplace",
    credential: CREDENTIAL,
  });
  expect([status, body.data?.status, body.data?.settings]).toEqual([
    200,
    "connected",
    { dimension: "usd_cents" },
  ]);
  expect(JSON.stringify(body)).not.toContain(CREDENTIAL.secret_access_key);
  connectionId = body.data.id;
}, 120_000);
afterAll(async () => {
  await server.close();
  await marketplace.close();
});
beforeEach(async () => {
  day += 1;
  await server.setClock(at("00:00"));
});

/** Their hours need no work any more. */
afterEach(async () => {
  marketplace.unsubscribed.clear();
  await server.db
    .updateTable("customer_billing_configurations")
    .set({ archived_at: at("00:00") })
    .execute();
});

interface Buyer {
  readonly id: string;
  readonly account: string;
}

/** Lets the customer buy over the marketplace. */
async function configure({ id, account }: Buyer): Promise<void> {
  await server.metronome.v1.customers.setBillingConfigurations({
    data: [
      {
        customer_id: id,
        billing_provider: "aws_marketplace",
        delivery_method: "direct_to_billing_provider",
        configuration: {
          aws_customer_account_id: account,
          aws_product_code: "prod-1",
          aws_region: "us-east-1",
          aws_is_subscription_product: true,
        },
      },
    ],
  });
}

async function archiveConfigurations({ id }: Buyer): Promise<void> {
  const { customers } = server.metronome.v1;
  const { data } = await customers.retrieveBillingConfigurations({ customer_id: id });
  await customers.archiveBillingConfigurations({
    customer_id: id,
    customer_billing_provider_configuration_ids: data.map((one) => one.id),
  });
}

/** A customer that buys over the marketplace. */
async function createBuyer(): Promise<Buyer> {
  buyers += 1;
  const id = await createCustomer(server.metronome, `Buyer ${buyers}`);
  const buyer = { id, account: String(100_000_000_000 + buyers) };
  await configure(buyer);
  return buyer;
}

const tomorrow = (): string => new Date(Date.parse(at("00:00")) + 86_400_000).toISOString();

/** Calls for this day. */
const sign = ({ id }: Buyer): Promise<string> =>
  createContract(server.metronome, id, card, {
    starting_at: at("00:00"),
    ending_before: tomorrow(),
  });

/** A dollar at this time of the day. */
const charge = ({ id }: Buyer, time: string): Promise<string> =>
  createContract(server.metronome, id, empty, {
    starting_at: at("00:00"),
    ending_before: tomorrow(),
    scheduled_charges: [
      {
        product_id: fee,
        schedule: { schedule_items: [{ timestamp: at(time), unit_price: 100, quantity: 1 }] },
      },
    ],
  });

const call = ({ id }: Buyer, time: string, value: number): Promise<void> =>
  use(server.metronome, id, "calls", at(time), value);

const taken = ({ account }: Buyer): string[] =>
  marketplace.records
    .filter(({ customer }) => customer === account)
    .map(({ at: time, quantity }) => `${time.slice(11, 16)} ${quantity}`);

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into.
async function reports({ id }: Buyer): Promise<any[]> {
  const { body } = await server.send("GET", `/v1/usage-reports?customer_id=${id}`);
  return body.data;
}

describe("what is reported", () => {
  test("is what accrued hour by hour, to the cent of the invoice in the end", async () => {
    const buyer = await createBuyer();
    await sign(buyer);
    // 101 calls are 33.633 cents: 33 whole ones.
    await call(buyer, "00:10", 101);
    await server.setClock(at("01:01"));
    expect(taken(buyer)).toEqual(["00:00 33"]);
    // 2 more make 34.299: one cent that was not there before. Then nothing.
    await call(buyer, "01:10", 2);
    await server.setClock(at("03:05"));
    expect(taken(buyer)).toEqual(["00:00 33", "01:00 1"]);
    // 7 calls of the first hour that come late: 110 are 36.63, so 2 cents in the hour that is open.
    await call(buyer, "00:20", 7);
    await server.setClock(at("04:01"));
    expect(taken(buyer)).toEqual(["00:00 33", "01:00 1", "03:00 2"]);
    const parts = (await reports(buyer)).map(({ invoices }) => invoices);
    const [{ invoice_id }] = parts[0];
    expect(parts).toEqual([33, 1, 2].map((amount) => [{ invoice_id, amount }]));
    // The invoice is of 37 cents, rounded; the last one is reported when it is final.
    await server.setClock(`2024-01-${String(day + 2).padStart(2, "0")}T01:01:00Z`);
    const quantities = taken(buyer).map((row) => Number(row.slice(6)));
    expect(quantities.reduce((sum, one) => sum + one, 0)).toBe(37);
    day += 2;
  });

  test("goes on where it stood, over a configuration in the place of another", async () => {
    const buyer = await createBuyer();
    await sign(buyer);
    await call(buyer, "00:10", 300);
    await server.setClock(at("01:01"));
    await archiveConfigurations(buyer);
    await call(buyer, "01:05", 300);
    await configure(buyer);
    await server.setClock(at("02:01"));
    // 99.9 and 199.8 cents: what the first reported is not reported again.
    expect(taken(buyer)).toEqual(["00:00 99", "01:00 100"]);
  });

  test("is shown with its record, and what it was made of", async () => {
    const buyer = await createBuyer();
    await charge(buyer, "00:30");
    await server.setClock(at("01:01"));
    const [report, ...others] = await reports(buyer);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      provider: "aws_marketplace",
      connection_id: connectionId,
      starting_at: at("00:00"),
      ending_before: at("01:00"),
      deadline: at("06:00"),
      quantity: 100,
      status: "SENT",
      attempts: 1,
      error: null,
      sent_at: at("01:01"),
      record: { CustomerAWSAccountId: buyer.account, Dimension: "usd_cents", Quantity: 100 },
    });
    expect(report.record_id).toBe(marketplace.records.at(-1)?.id);
    const { body } = await server.send("GET", `/v1/usage-reports/${report.id}`);
    expect(body.data).toEqual(report);
    const { body: unrouted } = await server.send("GET", `/v1/runs`);
    expect(unrouted.data).toEqual([]);
  });

  test("goes 25 records a call, and one that is wrong stands in nobody's way", async () => {
    const many: Buyer[] = [];
    for (let n = 0; n < 26; n += 1) many.push(await createBuyer());
    for (const buyer of many) await charge(buyer, "00:30");
    const [wrong] = many;
    const before = marketplace.calls.length;
    marketplace.unsubscribed.add(wrong?.account ?? "");
    await server.setClock(at("01:01"));
    expect(marketplace.calls.slice(before, before + 2)).toEqual([25, 1]);
    expect(many.slice(1).map(taken)).toEqual(many.slice(1).map(() => ["00:00 100"]));
    const [refused] = await reports(wrong as Buyer);
    expect([refused.status, refused.error.code]).toEqual(["PENDING", "customer_not_subscribed"]);
    marketplace.unsubscribed.clear();
    await server.setClock(at("01:02"));
    expect(taken(wrong as Buyer)).toEqual(["00:00 100"]);
  });
});

describe("what goes wrong", () => {
  test.each(["deny", "lose"] as const)(
    "%s: it is tried again, and is there once",
    async (fault) => {
      const buyer = await createBuyer();
      await charge(buyer, "00:30");
      marketplace.faults.push(fault);
      await server.setClock(at("01:01"));
      const [waiting] = await reports(buyer);
      expect([waiting.status, waiting.attempts]).toEqual(["PENDING", 1]);
      await server.setClock(at("01:02"));
      const [sent] = await reports(buyer);
      expect([sent.status, sent.attempts, sent.error]).toEqual(["SENT", 2, null]);
      expect(taken(buyer)).toEqual(["00:00 100"]);
    },
  );

  test("a retry sends it at once", async () => {
    const buyer = await createBuyer();
    await charge(buyer, "00:30");
    marketplace.faults.push("deny");
    await server.setClock(at("01:01"));
    const [waiting] = await reports(buyer);
    expect((await server.send("POST", `/v1/usage-reports/${waiting.id}/retry`)).status).toBe(200);
    await server.setClock(at("01:01"));
    expect(taken(buyer)).toEqual(["00:00 100"]);
    const again = await server.send("POST", `/v1/usage-reports/${waiting.id}/retry`);
    expect([again.status, again.body.message]).toEqual([409, expect.stringMatching(/is SENT/)]);
  });

  test("what was refused until its deadline goes into the next report", async () => {
    const buyer = await createBuyer();
    await charge(buyer, "00:30");
    marketplace.unsubscribed.add(buyer.account);
    await server.setClock(at("05:50"));
    const [waiting] = await reports(buyer);
    expect([waiting.status, waiting.error.code]).toEqual(["PENDING", "customer_not_subscribed"]);
    marketplace.unsubscribed.delete(buyer.account);
    // As if nobody was there to try again in the last quarter of an hour.
    await sql`update core_jobs set due_at = ${at("06:10")}
      where kind = 'send-usage-reports'`.execute(server.db);
    await server.setClock(at("07:01"));
    const [expired, next] = await reports(buyer);
    expect([expired.status, expired.error]).toEqual([
      "EXPIRED",
      { code: "deadline_missed", message: expect.stringMatching(/goes into the next report/) },
    ]);
    expect([next.status, next.quantity]).toEqual(["SENT", 100]);
    expect(taken(buyer)).toEqual(["06:00 100"]);
    const retried = await server.send("POST", `/v1/usage-reports/${expired.id}/retry`);
    expect(retried.status).toBe(409);
  });

  test.each([
    [true, ["SENT"], ["00:00 100"]],
    [false, ["EXPIRED", "SENT"], ["07:00 100"]],
  ])(
    "of unknown outcome, and a person says it was taken: %s",
    async (accepted, statuses, there) => {
      const buyer = await createBuyer();
      await charge(buyer, "00:30");
      const answers = Array.from({ length: 40 }, () => "cut" as const);
      marketplace.faults.push(...(accepted ? ["lose" as const] : []), ...answers);
      await server.setClock(at("06:20"));
      marketplace.faults.length = 0;
      const [unknown] = await reports(buyer);
      expect([unknown.status, unknown.error.code]).toEqual(["UNKNOWN", "outcome_unknown"]);
      const resolve = () =>
        server.send("POST", `/v1/usage-reports/${unknown.id}/resolve`, { accepted });
      await server.setClock(at("07:30"));
      expect((await resolve()).status).toBe(200);
      expect((await resolve()).status).toBe(409);
      await server.setClock(at("09:00"));
      expect((await reports(buyer)).map(({ status }) => status)).toEqual(statuses);
      expect(taken(buyer)).toEqual(there);
    },
  );
});

describe("what is refused", () => {
  test.each([
    [
      { provider: "aws_marketplace", credential: { access_key_id: KEY } },
      /secret_access_key is not/,
    ],
    [
      { provider: "aws_marketplace", credential: CREDENTIAL, settings: { dimension: "a b" } },
      /settings.dimension must be the API name/,
    ],
  ])("the connection %#", async (body, message) => {
    const refused = await server.send("POST", "/v1/connections", body);
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test("a configuration that is not whole, and where nothing is connected", async () => {
    const { metronome, production } = server;
    const configure = async (client: typeof metronome, configuration: Record<string, unknown>) =>
      client.v1.customers.setBillingConfigurations({
        data: [
          {
            customer_id: await createCustomer(client),
            billing_provider: "aws_marketplace",
            delivery_method: "direct_to_billing_provider",
            configuration,
          },
        ],
      });
    await expect(configure(metronome, { aws_region: "us-east-1" })).rejects.toThrow(
      /one of aws_customer_account_id and aws_customer_id/,
    );
    await expect(configure(production, {})).rejects.toThrow(/aws_marketplace is not connected/);
  });

  test("a buyer that is reported for somebody else", async () => {
    const { id, account } = await createBuyer();
    const other = { id: await createCustomer(server.metronome), account };
    await expect(configure(other)).rejects.toThrow(
      `This buyer is reported for customer ${id} already`,
    );
    await archiveConfigurations({ id, account });
    await configure(other);
  });

  test("a report that is not there, and a status that there is not", async () => {
    const id = "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11";
    expect((await server.send("GET", `/v1/usage-reports/${id}`)).status).toBe(404);
    const { status, body } = await server.send("GET", "/v1/usage-reports?status=LOST");
    expect([status, body.message]).toEqual([400, expect.stringMatching(/PENDING, SENT, EXPIRED/)]);
  });

  test("nothing after the configuration has ended", async () => {
    const buyer = await createBuyer();
    await sign(buyer);
    await archiveConfigurations(buyer);
    await call(buyer, "00:10", 1000);
    await server.setClock(at("02:00"));
    expect(await reports(buyer)).toEqual([]);
  });
});

test("credentials are sealed", async () => {
  const row = await server.db
    .selectFrom("connections")
    .select("credential")
    .where("id", "=", connectionId)
    .executeTakeFirstOrThrow();
  expect(row.credential).not.toContain(CREDENTIAL.secret_access_key);
});
