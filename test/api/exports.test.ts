import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXPORT_TABLES } from "../../src/operations/exports/tables.ts";
import {
  createBilledCustomer,
  createPlan,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { createFixedProduct, listInvoices } from "../support/billing.ts";
import { openExports, readDegraded, readExported, type Table } from "../support/exports.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

let server: TestServer;
let exports: ReturnType<typeof openExports>;
let root: string;
let plan: Plan;
let customerId: string;
let destinationId: string;
// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
let first: any;

const tableOf = (run: typeof first, name: string): Promise<Table> => readExported(root, run, name);
const one = async (run: typeof first, name: string, id: unknown) =>
  (await tableOf(run, name)).find((row) => row.id === id);

/** January is billed and paid, February is a draft; a prepaid commit is half used. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "ledgerline-exports-"));
  server = await startTestServer({ exportDir: root });
  exports = openExports(server);
  await server.setClock("2024-01-01T00:00:00Z");
  const { metronome } = server;
  plan = await createPlan(server);
  ({ id: customerId } = await createBilledCustomer(server));
  await metronome.v1.customers.setIngestAliases({
    customer_id: customerId,
    ingest_aliases: ["acme"],
  });
  const prepaid = await createFixedProduct(metronome, "prepaid");
  await signMonth(server, plan, customerId, 0, {
    ending_before: "2025-01-01T00:00:00Z",
    commits: [
      {
        type: "PREPAID",
        product_id: prepaid,
        name: "Prepaid",
        access_schedule: {
          credit_type_id: USD,
          schedule_items: [
            {
              amount: 1000,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2025-01-01T00:00:00Z",
            },
          ],
        },
        invoice_schedule: {
          credit_type_id: USD,
          schedule_items: [{ timestamp: "2024-01-01T00:00:00Z", amount: 900 }],
        },
      },
    ],
  });
  await useSome(server, plan, customerId, "2024-01-01T00:00:00Z");
  await server.setClock("2024-02-05T00:00:00Z");
  await useSome(server, plan, customerId, "2024-02-03T00:00:00Z");
  ({ id: destinationId } = await exports.create({
    name: "Warehouse",
    kind: "folder",
    settings: { folder: "warehouse/billing" },
  }));
  first = await exports.run(destinationId);
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

describe("what is exported", () => {
  test("an invoice is what the API says of it, with what became of it at its provider", async () => {
    const invoices = await listInvoices(server.metronome, customerId, { status: "FINALIZED" });
    const january = invoices.find(({ type }) => type === "USAGE");
    const row = await one(first, "invoice", january?.id);
    // 2,000 + 33.633 cents less the commit's 1,000.
    expect(row).toMatchObject({
      customer_id: customerId,
      contract_id: january?.contract_id,
      invoice_label: "CONTRACT_USAGE",
      status: "FINALIZED",
      total: "1033.633",
      start_timestamp: new Date("2024-01-01T00:00:00Z"),
      billing_provider: "stripe",
      billing_provider_invoice_id: january?.external_invoice?.invoice_id,
      billing_provider_invoice_external_status: "PAID",
      environment_type: "SANDBOX",
    });
    expect(row?.billing_provider_invoice_created_at).toEqual(
      new Date(january?.external_invoice?.issued_at_timestamp ?? ""),
    );
    const scheduled = (await tableOf(first, "invoice")).filter(({ type }) => type === "SCHEDULED");
    expect(scheduled.map(({ invoice_label, total }) => [invoice_label, total])).toEqual([
      ["CONTRACT_SCHEDULED", "900"],
    ]);
  });

  test("the lines of an invoice sum to its total; an offset has a quantity and no price", async () => {
    const invoices = await tableOf(first, "invoice");
    const january = invoices.find(({ type }) => type === "USAGE");
    const lines = (await tableOf(first, "line_item")).filter(
      ({ invoice_id }) => invoice_id === january?.id,
    );
    const shown = lines.map((line) => [line.type, line.quantity, line.unit_price, line.total]);
    expect(shown.sort()).toEqual([
      ["applied_commit_or_credit", "1", null, "-1000"],
      ["usage", "101", "0.333", "33.633"],
      ["usage", "500", "2", "1000"],
      ["usage", "500", "2", "1000"],
    ]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(4);
    expect(lines.map(({ commit_type }) => commit_type).sort()).toEqual([
      "PrepaidCommit",
      "PrepaidCommit",
      null,
      null,
    ]);
  });

  test("a draft is exported as the API computes it", async () => {
    const [draft] = await listInvoices(server.metronome, customerId, { status: "DRAFT" });
    const row = await one(first, "draft_invoice", draft?.id);
    expect(row).toMatchObject({
      status: "DRAFT",
      total: "2033.633",
      start_timestamp: new Date("2024-02-01T00:00:00Z"),
      snapshot_time: new Date("2024-02-05T00:00:00Z"),
      _metronome_metadata_id: first.id,
    });
    expect(row?.total).toBe(String(draft?.total));
    const lines = (await tableOf(first, "draft_line_item")).filter(
      ({ invoice_id }) => invoice_id === draft?.id,
    );
    expect(lines.map(({ quantity, total }) => [quantity, total]).sort()).toEqual([
      ["1000", "2000"],
      ["101", "33.633"],
    ]);
  });

  test("events, customers, commits and what is left of them", async () => {
    const events = await tableOf(first, "events");
    expect(events.map(({ event_type, properties }) => [event_type, properties]).sort()).toEqual([
      [plan.calls, '{"value":101}'],
      [plan.calls, '{"value":101}'],
      [plan.tokens, '{"value":1000}'],
      [plan.tokens, '{"value":1000}'],
    ]);
    expect(await one(first, "customer", customerId)).toMatchObject({
      name: "Acme",
      ingest_aliases: '["acme"]',
    });
    const [commit] = await tableOf(first, "contracts_commits");
    expect(commit).toMatchObject({ type: "PREPAID", amount: "1000", name: "Prepaid" });
    // January used all of it.
    expect(await tableOf(first, "contracts_balances")).toMatchObject([
      { id: commit?.id, customer_id: customerId, balance: "0" },
    ]);
    const entries = await tableOf(first, "contracts_rate_card_entries");
    expect(entries.map(({ price }) => price).sort()).toEqual(["0.333", "2"]);
    const types = await tableOf(first, "credit_type");
    expect(types.find(({ id }) => id === USD)).toMatchObject({
      name: "USD (cents)",
      is_currency: true,
    });
  });

  test("the manifest names every file with its rows and its hash", async () => {
    const manifest = JSON.parse(readFileSync(join(root, first.manifest_path), "utf8"));
    expect(manifest).toMatchObject({ run_id: first.id, environment_type: "SANDBOX" });
    expect(manifest.tables.map(({ table }: { table: string }) => table)).toEqual(
      EXPORT_TABLES.map(({ name }) => name),
    );
    const named = manifest.tables.flatMap(({ files }: { files: { path: string }[] }) => files);
    expect(named.map(({ path }: { path: string }) => path).sort()).toEqual(
      first.files.map(({ path }: { path: string }) => path).sort(),
    );
    const [path] = named.map((file: { path: string }) => file.path);
    expect(path).toMatch(
      /^sandbox\/warehouse\/billing\/events\/dt=2024-02-05\/000001-[0-9a-f]{12}_20240205000000\.parquet$/,
    );
    const names = readdirSync(root, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("docs/export.md has every column of every table", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/export.md"), "utf8");
    for (const { table, columns } of await exports.ask("GET", "/tables")) {
      const [, section = ""] = new RegExp(`\n### ${table}\n([^#]*)`).exec(page) ?? [];
      const own = columns.map(({ name }: { name: string }) => name);
      const common = ["environment_type", "updated_at", "snapshot_time", "_metronome_metadata_id"];
      const missing = own.filter(
        (name: string) => !common.includes(name) && !section.includes(`\`${name}\``),
      );
      expect(missing, table).toEqual([]);
    }
  });
});

describe("what changes", () => {
  test("nothing changed: only what is taken anew each time is written", async () => {
    await exports.run(destinationId);
    const { files } = await exports.run(destinationId);
    const tables = new Set(files.map(({ table }: { table: string }) => table));
    const incremental = EXPORT_TABLES.filter(({ mode }) => mode === "incremental");
    expect(incremental.filter(({ name }) => tables.has(name))).toEqual([]);
    expect(tables.has("contracts_contracts")).toBe(true);
  });

  test("a renamed customer, another alias and a custom field are each a row again", async () => {
    const { metronome } = server;
    const read = async () => one(await exports.run(destinationId), "customer", customerId);
    await metronome.v1.customers.setName({ customer_id: customerId, name: "Acme Ltd" });
    expect(await read()).toMatchObject({ name: "Acme Ltd" });
    await metronome.v1.customers.setIngestAliases({ customer_id: customerId, ingest_aliases: [] });
    expect(await read()).toMatchObject({ ingest_aliases: "[]" });
    await metronome.v1.customFields.addKey({
      entity: "customer",
      key: "tier",
      enforce_uniqueness: false,
    });
    await metronome.v1.customFields.setValues({
      entity: "customer",
      entity_id: customerId,
      custom_fields: { tier: "gold" },
    });
    expect(await read()).toMatchObject({ custom_fields: '{"tier": "gold"}' });
    expect(await read()).toBeUndefined();
  });

  test("a new status at the provider is the invoice again, and its lines are not", async () => {
    const [row] = await tableOf(first, "invoice");
    await server.db
      .updateTable("integration_runs")
      .set({ external_status: "VOID" })
      .where("invoice_id", "=", row?.id)
      .execute();
    const run = await exports.run(destinationId);
    expect(await tableOf(run, "invoice")).toMatchObject([
      { id: row?.id, billing_provider_invoice_external_status: "VOID" },
    ]);
    expect(await tableOf(run, "line_item")).toEqual([]);
  });

  test("a transaction that commits late is not passed over by what committed before it", async () => {
    const insert = (name: string) => sql`insert into customers
      (environment_id, name, created_at, updated_at)
      select id, ${name}, now(), now() from environments where name = 'SANDBOX'`;
    let commit = () => {};
    const open = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let wrote = (_since: string) => {};
    const written = new Promise<string>((resolve) => {
      wrote = resolve;
    });
    const late = server.db.transaction().execute(async (tx) => {
      await insert("late").execute(tx);
      const { rows } = await sql<{ since: string }>`select now() as since`.execute(tx);
      wrote(rows[0]?.since ?? "");
      await open;
    });
    const since = Date.parse(await written);
    await insert("early").execute(server.db);
    const names = async ({ id }: typeof first) =>
      (await tableOf(await exports.ask("GET", `/${id}`), "customer")).map(({ name }) => name);
    const before = await exports.run(destinationId, { now: true });
    expect(await names(before), "what is not settled waits").toEqual([]);
    expect(Date.parse(before.complete_until), "and it is said").toBeLessThanOrEqual(since);
    commit();
    await late;
    const after = await exports.run(destinationId);
    expect((await names(after)).sort()).toEqual(["early", "late"]);
    expect(Date.parse(after.complete_until)).toBeGreaterThan(since);
    expect(await names(await exports.run(destinationId))).toEqual([]);
  });

  test("an export that lacks hours of changes is said to whoever looks after the server", async () => {
    const { id } = await exports.run(destinationId);
    const degraded = () => readDegraded(server);
    expect(await degraded()).not.toContain(id);
    await sql`update export_runs set complete_until = read_at - interval '61 minutes'
      where id = ${id}`.execute(server.db);
    expect(await degraded()).toContain(`export ${id} of SANDBOX to "Warehouse" has only what was`);
    await exports.run(destinationId);
    expect(await degraded()).not.toContain(id);
  });

  test("rows of another cluster's dump are adopted, and its cursors are worth nothing", async () => {
    await sql`update customers set changed_by = '999999999999' where name = 'early'`.execute(
      server.db,
    );
    // They are adopted by the next run, and come out once nothing on the server is older than that.
    let adopted: Table = [];
    for (let n = 0; adopted.length === 0 && n < 20; n += 1) {
      adopted = await tableOf(await exports.run(destinationId), "customer");
    }
    expect(adopted.map(({ name }) => name)).toEqual(["early"]);
    await sql`update export_cursors set cluster = 'another'`.execute(server.db);
    const again = await exports.run(destinationId);
    expect(await one(again, "customer", customerId)).toMatchObject({ name: "Acme Ltd" });
  });
});

describe("schedules", () => {
  test("an advance over many hours makes one export; snapshots are taken once a day", async () => {
    const { id } = await exports.create({
      name: "Nightly",
      kind: "folder",
      format: "csv",
      tables: ["packages", "contracts_contracts", "customer"],
      every_hours: 4,
      settings: { folder: "nightly" },
    });
    const list = () => exports.ask("GET", `?destination_id=${id}&status=COMPLETED`);
    await server.setClock("2024-02-05T00:00:00Z");
    await server.setClock("2024-02-05T20:00:00Z");
    await server.setClock("2024-02-06T20:00:00Z");
    const runs = await list();
    const tablesOf = (run: { tables: { table: string }[] }) => run.tables.map(({ table }) => table);
    expect(runs.map((run: typeof first) => [run.started_at, tablesOf(run)])).toEqual([
      ["2024-02-05T00:00:00Z", ["customer", "packages", "contracts_contracts"]],
      ["2024-02-05T20:00:00Z", ["customer"]],
      ["2024-02-06T20:00:00Z", ["customer", "packages", "contracts_contracts"]],
    ]);
    const { files } = await exports.ask("GET", `/${runs[0].id}`);
    const file = files.find(({ table }: { table: string }) => table === "contracts_contracts");
    const [row] = parse(readFileSync(join(root, file.path)), { columns: true }) as Table;
    expect(row).toMatchObject({ customer_id: customerId, ending_before: "2025-01-01T00:00:00Z" });
    await exports.ask("DELETE", `/destinations/${id}`);
    await server.setClock("2024-02-07T20:00:00Z");
    expect(await list()).toHaveLength(3);
  });
});

describe("refusals", () => {
  const folder = { name: "x", kind: "folder", settings: { folder: "x" } };
  const s3 = {
    name: "x",
    kind: "s3",
    settings: { bucket: "bucket", region: "eu-central-1" },
    credential: { access_key_id: "a", secret_access_key: "b" },
  };
  test.each<[unknown, string, string]>([
    [{ ...folder, settings: { folder: "../etc" } }, "settings.folder", "a way up"],
    [{ ...folder, settings: { folder: "/etc" } }, "settings.folder", "an absolute path"],
    [{ ...folder, settings: { folder: "a/.ssh" } }, "settings.folder", "a hidden folder"],
    [{ ...folder, settings: {} }, "settings.folder", "no folder"],
    [
      { ...folder, settings: { folder: "x", bucket: "y" } },
      "settings.bucket",
      "another kind's word",
    ],
    [{ ...folder, credential: { password: "x" } }, "credential", "a folder has none"],
    [{ ...folder, tables: ["invoices"] }, "tables[0]", "there is no such table"],
    [{ ...folder, tables: ["events", "breakdowns_invoices"] }, "tables[1]", "it is not exported"],
    [{ ...folder, tables: ["__proto__"] }, "tables[0]", "a property of every object is no table"],
    [{ ...folder, every_hours: 0 }, "every_hours", "less than an hour"],
    [{ ...folder, kind: "ftp" }, "kind", "no kind"],
    [{ ...s3, credential: { access_key_id: "a" } }, "credential.secret_access_key", "half a key"],
    [{ ...s3, credential: undefined }, "credential", "no key"],
    [{ ...s3, settings: { bucket: "B!", region: "x" } }, "settings.bucket", "no bucket's name"],
    [{ ...s3, format: "json" }, "format", "no format"],
    [
      { ...s3, settings: { ...s3.settings, folder: Array(10).fill("a".repeat(90)).join("/") } },
      "settings.folder",
      "909 characters, and a key of a file in it may have more than the 1024 that S3 takes",
    ],
    ...["?signature=secret", "#part"].map((end): [unknown, string, string] => [
      { ...s3, settings: { ...s3.settings, endpoint: `https://s3.example.com/${end}` } },
      "settings.endpoint",
      "it would be shown, and go nowhere",
    ]),
    [
      { name: "x", kind: "postgres", format: "csv", settings: {}, credential: {} },
      "format",
      "tables have no format",
    ],
    [
      {
        name: "x",
        kind: "postgres",
        settings: { host: "h", port: 70_000, database: "d", user: "u" },
        credential: { password: "p" },
      },
      "settings.port",
      "no port",
    ],
  ])("%j: %s (%s)", async (body, field, _why) => {
    const before = await exports.ask("GET", "/destinations");
    const { status, body: reply } = await server.send("POST", "/v1/exports/destinations", body);
    expect([status, reply.message]).toEqual([400, expect.stringContaining(field)]);
    expect(await exports.ask("GET", "/destinations")).toEqual(before);
  });

  test("a table that is not exported is refused with the reason", async () => {
    const body = { tables: ["customer_alert_history"] };
    const path = `/v1/exports/destinations/${destinationId}`;
    const { body: reply } = await server.send("PATCH", path, body);
    expect(reply.message).toBe(
      "tables[0]: customer_alert_history is not supported: what is kept of an alert is its state, not its history",
    );
  });

  test("where a destination is cannot be changed", async () => {
    const body = { settings: { folder: "elsewhere" } };
    const path = `/v1/exports/destinations/${destinationId}`;
    const { status, body: reply } = await server.send("PATCH", path, body);
    expect([status, reply.message]).toEqual([400, "unknown field settings"]);
  });

  test("the other environment sees nothing of it", async () => {
    const authorization = `Bearer ${server.productionToken}`;
    const get = (path: string) => server.send("GET", path, undefined, { authorization });
    expect((await get(`/v1/exports/destinations/${destinationId}`)).status).toBe(404);
    expect((await get(`/v1/exports/${first.id}`)).status).toBe(404);
    expect((await get("/v1/exports")).body.data).toEqual([]);
  });

  test("only a run that failed is retried", async () => {
    const { status } = await server.send("POST", `/v1/exports/${first.id}/retry`);
    expect(status).toBe(409);
  });
});
