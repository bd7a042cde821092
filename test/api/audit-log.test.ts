import { createHash, randomBytes } from "node:crypto";
import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../src/platform/database/database.ts";
import { insertAuditLog } from "../../src/store/audit-logs.ts";
import { getEnvironment } from "../../src/store/environments.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

type Query = NonNullable<Parameters<Metronome["v1"]["auditLogs"]["list"]>[0]>;
/** What we add to the rows that are matched. */
type Row = Metronome.V1.AuditLogListResponse & {
  change?: Record<string, unknown>;
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown>;
  recorded_at: string;
};

const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const NOW = "2024-05-01T12:00:00Z";

let server: TestServer;
let metronome: Metronome;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(NOW);
});
afterAll(() => server.close());

async function read(query: Query = {}, client = metronome) {
  const page = await client.v1.auditLogs.list(query);
  return { rows: page.data as Row[], next: page.next_page };
}

/** All that is told of one thing, oldest first. */
const historyOf = async (type: string, id: string): Promise<Row[]> =>
  (await read({ resource_type: type, resource_id: id })).rows;

/** The rows of one request, by the id it was sent under. */
const ofRequest = async (id: string): Promise<Row[]> =>
  (await read({ sort: "date_desc" })).rows.filter((row) => row.request.id === id);

/** Where a reader stands who has seen everything. */
async function end(client = metronome): Promise<string> {
  let { rows, next } = await read({}, client);
  while (rows.length > 0) ({ rows, next } = await read({ next_page: next }, client));
  return next;
}

const summary = ({ action, resource_type: type, status }: Row) => `${action} ${type}: ${status}`;

describe("what a row says", () => {
  test("of a create: who, from where, what was asked, what came of it", async () => {
    const { status, body } = await server.send(
      "POST",
      "/v1/customers",
      { name: "Acme", ingest_aliases: ["acme"] },
      { "x-request-id": "create-1", "user-agent": "audit-test/1" },
    );
    expect(status).toBe(200);
    const [row, ...more] = await historyOf("customer", body.data.id);
    const token = await server.db
      .selectFrom("api_tokens")
      .innerJoin("environments", "environments.id", "api_tokens.environment_id")
      .where("environments.name", "=", "SANDBOX")
      .select(["api_tokens.id", "api_tokens.name"])
      .executeTakeFirstOrThrow();
    expect(more).toEqual([]);
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      // The sandbox's clock stands still; the machine's does not.
      timestamp: NOW,
      recorded_at: expect.not.stringMatching(/^2024/),
      actor: token,
      request: { id: "create-1", ip: "127.0.0.1", user_agent: "audit-test/1" },
      resource_type: "customer",
      resource_id: body.data.id,
      action: "create",
      status: "success",
      description: "Create a customer",
      change: { name: "Acme", ingest_aliases: ["acme"] },
      after: body.data,
    });
  });

  test("of an update: the object before and after it", async () => {
    const id = await createCustomer(metronome, "Before");
    await metronome.v1.customers.setName({ customer_id: id, name: "After" });
    const [, row] = await historyOf("customer", id);
    expect(row).toMatchObject({
      action: "set_name",
      status: "success",
      change: { name: "After" },
      before: { id, name: "Before", archived_at: null },
      after: { id, name: "After", archived_at: null },
    });
  });

  test("of a provider's settings and mapping rules, by the provider's name", async () => {
    await metronome.v1.customFields.addKey({
      entity: "customer",
      key: "segment",
      enforce_uniqueness: false,
    });
    await server.send("PATCH", "/v1/settings/stripe", { days_until_due: 45 });
    const rule = { entity: "customer", key: "segment", target: "invoice.metadata.segment" };
    await server.send("PUT", "/v1/settings/stripe/entity-mappings", { data: [rule] });
    await server.send("PATCH", "/v1/settings/stripe", { days_until_due: 0.5 });
    const rows = await historyOf("provider_settings", "stripe");
    expect(rows).toMatchObject([
      {
        status: "success",
        change: { days_until_due: 45 },
        before: { days_until_due: 30, entity_mappings: [] },
        after: { days_until_due: 45, entity_mappings: [] },
      },
      {
        status: "success",
        before: { entity_mappings: [] },
        after: { days_until_due: 45, entity_mappings: [rule] },
      },
      { status: "failure" },
    ]);
    expect(rows[2]).not.toHaveProperty("before");
  });

  test("of settings, products, rate cards and webhook endpoints as well", async () => {
    const environment = await getEnvironment(server.db, "SANDBOX");
    await server.send("PATCH", "/v1/settings/invoicing", { grace_period_hours: 30 });
    const settings = await historyOf("invoicing_settings", environment.id);
    expect(settings.at(-1)).toMatchObject({
      action: "update",
      before: { grace_period_hours: 24, finalization: "automatic" },
      after: { grace_period_hours: 30, finalization: "automatic" },
    });

    await server.send("PATCH", "/v1/settings/reconciliation", { schedule: "daily" });
    expect((await historyOf("reconciliation_settings", environment.id)).at(-1)).toMatchObject({
      action: "update",
      before: { schedule: "off" },
      after: { schedule: "daily" },
    });

    const product = await createFixedProduct(metronome, "Onboarding");
    await metronome.v1.contracts.products.archive({ product_id: product });
    const [created, archived] = await historyOf("product", product);
    // Of what is made: what was asked, and what was answered.
    expect(created).toMatchObject({
      change: { name: "Onboarding", type: "FIXED" },
      after: { id: product },
    });
    expect(created).not.toHaveProperty("before");
    expect(archived).toMatchObject({
      action: "archive",
      before: { archived_at: null },
      after: { archived_at: NOW },
    });

    const card = await createRateCard(metronome, []);
    await metronome.v1.contracts.rateCards.update({ rate_card_id: card, name: "Other prices" });
    expect((await historyOf("rate_card", card)).at(-1)).toMatchObject({
      before: { name: "List prices" },
      after: { name: "Other prices" },
    });

    const { body } = await server.send("POST", "/v1/webhook-endpoints", {
      url: "http://127.0.0.1:9/hooks",
    });
    await server.send("DELETE", `/v1/webhook-endpoints/${body.data.id}`);
    const deleted = (await historyOf("webhook_endpoint", body.data.id)).at(-1);
    expect(deleted).toMatchObject({ action: "delete", before: { status: "enabled" } });
  });

  test("of contracts and commits: their terms before and after", async () => {
    const customer = await createCustomer(metronome, "Terms");
    const fixed = await createFixedProduct(metronome, "Prepaid");
    const card = await createRateCard(metronome, []);
    const contract = await createContract(metronome, customer, card, {
      starting_at: "2024-05-01T00:00:00Z",
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          name: "Balance",
          priority: 1,
          access_schedule: {
            schedule_items: [
              {
                amount: 500,
                starting_at: "2024-05-01T00:00:00Z",
                ending_before: "2024-06-01T00:00:00Z",
              },
            ],
          },
        },
      ],
    });
    await metronome.v1.contracts.updateEndDate({
      customer_id: customer,
      contract_id: contract,
      ending_before: "2024-08-01T00:00:00Z",
    });
    const ended = (await historyOf("contract", contract)).at(-1);
    expect(ended).toMatchObject({
      action: "update_end_date",
      before: { id: contract },
      after: { id: contract, ending_before: "2024-08-01T00:00:00Z" },
    });
    expect(ended?.before).not.toHaveProperty("ending_before");
    const { body } = await server.send("POST", "/v1/contracts/customerBalances/list", {
      customer_id: customer,
      include_contract_balances: true,
    });
    const { id } = body.data[0];
    await metronome.v2.contracts.editCommit({ customer_id: customer, commit_id: id, priority: 7 });
    expect((await historyOf("commit", id)).at(-1)).toMatchObject({
      action: "edit",
      before: { id, priority: 1 },
      after: { id, priority: 7 },
    });
  });

  test("of an invoice: what people decided", async () => {
    const tokens = await createUsageProduct(metronome, "tokens");
    const card = await createRateCard(metronome, [[tokens, 100]]);
    const customer = await createCustomer(metronome);
    await createContract(metronome, customer, card, { starting_at: "2024-05-01T00:00:00Z" });
    const [draft] = await listInvoices(metronome, customer);
    const path = `/v1/invoices/${draft?.id}`;
    await server.send("POST", `${path}/hold`, { reason: "disputed" });
    await server.send("POST", `${path}/release`);
    const [held, released] = await historyOf("invoice", draft?.id ?? "");
    expect(held).toMatchObject({
      action: "hold",
      change: { reason: "disputed" },
      before: { status: "DRAFT", hold: null },
      after: { status: "DRAFT", hold: { reason: "disputed" } },
    });
    expect(released).toMatchObject({
      action: "release",
      before: { hold: { reason: "disputed" } },
      after: { hold: null },
    });
  });

  test("of a refused write: why, and nothing that came of it", async () => {
    const id = await createCustomer(metronome);
    const refused = await server.send("POST", `/v1/customers/${NOBODY}/setName`, { name: "X" });
    expect(refused.status).toBe(404);
    const [row, ...more] = await historyOf("customer", NOBODY);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      action: "set_name",
      status: "failure",
      description: `Rename a customer: ${refused.body.message}`,
      change: { name: "X" },
    });
    expect(row).not.toHaveProperty("after");
    // What is not valid is not kept: a field that nobody knows may hold anything.
    await server.send("POST", `/v1/customers/${id}/setName`, { nmae: "Y" });
    const misspelt = (await historyOf("customer", id)).at(-1);
    expect([misspelt?.status, misspelt?.description, misspelt?.change]).toEqual([
      "failure",
      "Rename a customer: unknown field nmae; name is required",
      undefined,
    ]);
  });

  test("of what commits in parts: that it begins, and how it ended", async () => {
    await server.send("POST", "/v1/sandbox/clock", { now: NOW }, { "x-request-id": "clock-1" });
    const clock = (await ofRequest("clock-1")).toReversed();
    expect(clock.map(summary)).toEqual([
      "update sandbox_clock: pending",
      "update sandbox_clock: success",
    ]);
    const body = { ids: [NOBODY] };
    await server.send("POST", "/v1/invoices/approve", body, { "x-request-id": "approve-1" });
    const [after, before] = await ofRequest("approve-1");
    expect([before, after].map((row) => row && summary(row))).toEqual([
      "approve invoice: pending",
      "approve invoice: success",
    ]);
    expect(after?.after).toMatchObject({ approved: [], refused: [{ id: NOBODY }] });
  });

  test("a large body has its size and hash in its place", async () => {
    const id = await createCustomer(metronome, "Many names");
    const change = {
      ingest_aliases: Array.from({ length: 200 }, (_, n) => `${n}-${"y".repeat(100)}`),
    };
    await metronome.v1.customers.setIngestAliases({ customer_id: id, ...change });
    const row = (await historyOf("customer", id)).at(-1);
    const text = JSON.stringify(change);
    expect(text.length).toBeGreaterThan(16_384);
    expect(row?.change).toEqual({
      truncated: true,
      sha256: createHash("sha256").update(text).digest("hex"),
      bytes: text.length,
    });
    expect(row?.before).toMatchObject({ name: "Many names", ingest_aliases: [] });
  });

  test("no row for what reads, previews, or is usage", async () => {
    const token = await end();
    const customer = await createCustomer(metronome);
    await metronome.v1.contracts.list({ customer_id: customer });
    await metronome.v1.usage.ingest({ usage: [] }).catch(() => undefined);
    await server.send("POST", "/v1/credit-notes", {
      invoice_id: NOBODY,
      full: true,
      preview: true,
    });
    const { rows } = await read({ next_page: token });
    expect(rows.map(summary)).toEqual(["create customer: success"]);
  });
});

test("a preview of what has none is a write like any", async () => {
  const token = await end();
  const body = { name: "Seen", preview: true };
  const lenient = { "x-ignore-unknown-fields": "true" };
  const { status } = await server.send("POST", "/v1/customers", body, lenient);
  const { rows } = await read({ next_page: token });
  expect([status, rows.map(summary)]).toEqual([200, ["create customer: success"]]);
});

describe("a write and its row", () => {
  test("a write that fails in the middle leaves nothing but the row that says so", async () => {
    const token = await end();
    const { status } = await server.send("POST", "/v1/composite/createCustomerWithContract", {
      customer: { name: "Never" },
      contract: { starting_at: "2024-05-01T00:00:00Z", rate_card_id: NOBODY },
    });
    expect(status).toBeGreaterThanOrEqual(400);
    const { rows } = await read({ next_page: token });
    expect(rows.map(summary)).toEqual(["create_customer_with_contract contract: failure"]);
    const names = await server.db.selectFrom("customers").select("name").execute();
    expect(names.map(({ name }) => name)).not.toContain("Never");
  });

  test("a write whose row cannot be added does not happen", async () => {
    await sql`alter table audit_logs add constraint closed check (resource_type <> 'customer')
      not valid`.execute(server.db);
    try {
      const { status } = await server.send("POST", "/v1/customers", { name: "Unrecorded" });
      expect(status).toBe(500);
    } finally {
      await sql`alter table audit_logs drop constraint closed`.execute(server.db);
    }
    const names = await server.db.selectFrom("customers").select("name").execute();
    expect(names.map(({ name }) => name)).not.toContain("Unrecorded");
  });

  test("a server killed before the commit leaves neither", async () => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const token = "token-of-the-killed-server";
    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token,
      point: "audit-writes/recorded",
    });
    const url = await child.line();
    const create = fetch(`${url}/v1/customers`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "Lost" }),
    });
    await expect(create, "the server dies on the way").rejects.toThrow();
    const next = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      expect((await next.metronome.v1.customers.list()).data).toEqual([]);
      expect((await read({}, next.metronome)).rows).toEqual([]);
    } finally {
      await next.close();
      await database.drop();
    }
  }, 60_000);

  test("a repeated request is one write", async () => {
    const headers = { "idempotency-key": "audit-key-1" };
    const create = () => server.send("POST", "/v1/customers", { name: "Once" }, headers);
    const first = await create();
    const second = await create();
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    const rows = await historyOf("customer", first.body.data.id);
    expect(rows.map(summary)).toEqual(["create customer: success"]);
  });

  test("writes of one object take turns: each begins with what the one before it left", async () => {
    const id = await createCustomer(metronome, "0");
    const names = ["1", "2", "3", "4", "5", "6"];
    await Promise.all(
      names.map((name) => metronome.v1.customers.setName({ customer_id: id, name })),
    );
    const [created, ...renamed] = await historyOf("customer", id);
    expect(renamed).toHaveLength(6);
    const left = [created, ...renamed].map((row) => row?.after?.name);
    expect(renamed.map((row) => row.before?.name)).toEqual(left.slice(0, -1));
  });

  test("a row is never changed or deleted", async () => {
    await createCustomer(metronome);
    const change = server.db.updateTable("audit_logs").set({ action: "nothing" }).execute();
    await expect(change).rejects.toThrow("audit_logs is only ever added to");
    await expect(server.db.deleteFrom("audit_logs").execute()).rejects.toThrow(
      "only ever added to",
    );
    await expect(sql`truncate audit_logs`.execute(server.db)).rejects.toThrow("only ever added to");
  });
});

describe("reading the log", () => {
  test("next_page is always there, and goes on with what was written since", async () => {
    const token = await end();
    const empty = await read({ next_page: token });
    expect([empty.rows, typeof empty.next]).toEqual([[], "string"]);
    const first = await createCustomer(metronome, "First");
    const second = await createCustomer(metronome, "Second");
    const page = await read({ next_page: empty.next, limit: 1 });
    const rest = await read({ next_page: page.next });
    expect([page.rows, rest.rows].map((rows) => rows.map((row) => row.resource_id))).toEqual([
      [first],
      [second],
    ]);
    expect((await read({ next_page: rest.next })).rows).toEqual([]);
  });

  test("a row that was begun earlier and commits later is not missed", async () => {
    const token = await end();
    const environment = await getEnvironment(server.db, "SANDBOX");
    let page: ReturnType<typeof read> | undefined;
    await inTransaction(server.db, async (tx) => {
      await insertAuditLog(tx, {
        environmentId: environment.id,
        occurredAt: NOW,
        actor: { id: "test", name: "slow" },
        request: { id: "slow-1", ip: null, userAgent: null },
        action: "create",
        resourceType: "test",
        resourceId: null,
        status: "success",
        description: "slow",
        change: null,
        before: null,
        after: null,
      });
      await createCustomer(metronome, "Fast");
      page = read({ next_page: token });
    });
    const { rows } = (await page) ?? { rows: [] };
    expect(rows.map(summary)).toEqual(["create test: success", "create customer: success"]);
  });

  test("oldest first, or newest first", async () => {
    const { rows: oldest } = await read({ limit: 3 });
    const { rows: newest, next } = await read({ limit: 2, sort: "date_desc" });
    const { rows: before } = await read({ limit: 1, next_page: next });
    const all: string[] = [];
    for (let token: string | undefined; ; ) {
      const page = await read(token === undefined ? {} : { next_page: token });
      if (page.rows.length === 0) break;
      all.push(...page.rows.map(({ id }) => id));
      token = page.next;
    }
    expect(new Set(all).size).toBe(all.length);
    expect(oldest.map(({ id }) => id)).toEqual(all.slice(0, 3));
    expect([...newest, ...before].map(({ id }) => id)).toEqual(all.toReversed().slice(0, 3));
  });

  test("starting_on is inclusive, ending_before exclusive; the token holds both", async () => {
    const later = await startTestServer();
    try {
      for (const day of [1, 2, 3, 4]) {
        await later.setClock(`2024-06-0${day}T00:00:00Z`);
        await createCustomer(later.metronome, `Day ${day}`);
        await createCustomer(later.metronome, `Day ${day} again`);
      }
      const names = (rows: Row[]) =>
        rows.filter((row) => row.resource_type === "customer").map((row) => row.change?.name);
      const query: Query = {
        starting_on: "2024-06-02T00:00:00Z",
        ending_before: "2024-06-04T00:00:00Z",
      };
      const { rows } = await read(query, later.metronome);
      expect(names(rows)).toEqual(["Day 2", "Day 2 again", "Day 3", "Day 3 again"]);
      const found: Row[] = [];
      let page = await read({ ...query, limit: 1 }, later.metronome);
      while (page.rows.length > 0) {
        found.push(...page.rows);
        page = await read({ next_page: page.next, limit: 1 }, later.metronome);
      }
      expect(found).toEqual(rows);
    } finally {
      await later.close();
    }
  });

  test("the environments are apart", async () => {
    const token = await end(server.production);
    const sandbox = await createCustomer(metronome);
    const production = await createCustomer(server.production);
    const { rows } = await read({ next_page: token }, server.production);
    expect(rows.map((row) => row.resource_id)).toEqual([production]);
    const query: Query = { resource_type: "customer", resource_id: sandbox };
    expect((await read(query, server.production)).rows).toEqual([]);
  });

  test.each([
    ["resource_type=customer", "resource_type needs resource_id"],
    [`resource_id=${NOBODY}`, "resource_id needs resource_type"],
    ["sort=newest", "sort must be one of date_asc, date_desc"],
    ["limit=101", "limit must be <= 100"],
    ["starting_on=yesterday", "starting_on must be an RFC 3339 instant"],
    ["next_page=nonsense", "next_page is not a token of this list"],
    ["actor=me", "unknown field actor"],
  ])("%s is refused: %s", async (query, message) => {
    const { status, body } = await server.send("GET", `/v1/auditLogs?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test.each([
    ["starting_on", { starting_on: "2024-01-01T00:00:00Z" }],
    ["ending_before", { ending_before: "2024-01-01T00:00:00Z" }],
    ["sort", { sort: "date_desc" }],
    ["resource_id", { resource_type: "customer", resource_id: NOBODY }],
  ] as const)("%s is refused beside a next_page that holds another", async (field, query) => {
    const { next } = await read({ limit: 1 });
    const { status, body } = await server.send(
      "GET",
      `/v1/auditLogs?${new URLSearchParams({ ...query, next_page: next })}`,
    );
    expect(status).toBe(400);
    expect(body.message).toMatch(new RegExp(`^${field} `));
  });
});
