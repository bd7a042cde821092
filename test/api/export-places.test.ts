import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { getEnvironment } from "../../src/store/environments.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { openExports, readDegraded, readParquet } from "../support/exports.ts";
import { type S3Server, startS3Server } from "../support/s3-server.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let exports: ReturnType<typeof openExports>;
let s3: S3Server;
let warehouse: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  s3 = await startS3Server("billing");
  warehouse = await createTestDatabase();
  client = new pg.Client({ connectionString: warehouse.url });
  await client.connect();
  server = await startTestServer();
  exports = openExports(server);
  await server.metronome.v1.customers.create({ name: "Acme" });
});

afterAll(async () => {
  await client.end();
  await server.close();
  await warehouse.drop();
  await s3.close();
});

const bucket = (changes: object = {}, credential: object = {}) => ({
  name: "Bucket",
  kind: "s3",
  tables: ["customer"],
  settings: {
    bucket: "billing",
    region: "eu-central-1",
    endpoint: s3.url,
    path_style: true,
    folder: "ledger",
    ...changes,
  },
  credential: {
    access_key_id: s3.accessKeyId,
    secret_access_key: s3.secretAccessKey,
    ...credential,
  },
});

function database(changes: object = {}, password?: string) {
  const url = new URL(inject("databaseAdminUrl"));
  return {
    name: "Warehouse",
    kind: "postgres",
    tables: ["customer", "contracts_rate_cards"],
    settings: {
      host: url.hostname,
      port: Number(url.port || 5432),
      database: new URL(warehouse.url).pathname.slice(1),
      user: decodeURIComponent(url.username),
      schema: "billing data",
      ssl: "off",
      ...changes,
    },
    credential: { password: password ?? (decodeURIComponent(url.password) || "none") },
  };
}

/** What the first try of an export ends with; a later one is not waited for. */
async function firstError(destinationId: string) {
  const { id } = await exports.ask("POST", `/destinations/${destinationId}/run`);
  const read = async () => (await exports.ask("GET", `/${id}`)).error;
  await expect.poll(read, { timeout: 30_000 }).not.toBeNull();
  const error = await read();
  await exports.ask("DELETE", `/destinations/${destinationId}`);
  return error;
}

describe("a bucket", () => {
  test("takes signed files and the manifest after them; the key is shown nowhere", async () => {
    const destination = await exports.create(bucket());
    expect(JSON.stringify(destination)).not.toContain(s3.secretAccessKey);
    const run = await exports.run(destination.id);
    const [file] = run.files;
    const bytes = s3.objects.get(`billing/${file.path}`) ?? Buffer.alloc(0);
    expect(file).toMatchObject({
      rows: 1,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(file.path).toMatch(
      /^ledger\/customer\/dt=[\d-]{10}\/000001-[0-9a-f]{12}_\d{14}\.parquet$/,
    );
    expect(await readParquet(bytes)).toMatchObject([{ name: "Acme" }]);
    expect([...s3.objects.keys()].at(-1)).toBe(`billing/${run.manifest_path}`);
    const log = await server.send("GET", "/v1/auditLogs?limit=100");
    expect(JSON.stringify(log.body)).not.toContain(s3.secretAccessKey);
    const row = await server.db.selectFrom("export_destinations").selectAll().execute();
    expect(JSON.stringify(row.map(({ credential }) => credential))).not.toContain(s3.accessKeyId);
  });

  test("a long file goes in parts, and nothing is there when one of them fails", async () => {
    const environment = await getEnvironment(server.db, "SANDBOX");
    // Twelve megabytes in 600 rows.
    await server.db
      .insertInto("customers")
      .values(
        Array.from({ length: 600 }, (_, n) => ({
          environment_id: environment.id,
          name: createHash("sha512").update(String(n)).digest("hex").repeat(160),
          salesforce_account_id: null,
          created_at: "2024-01-01T00:00:00Z",
          updated_at: "2024-01-01T00:00:00Z",
          archived_at: null,
        })),
      )
      .execute();
    const { id } = await exports.create({ ...bucket({ folder: "long" }), format: "csv" });
    s3.fail("POST", "AccessDenied", 403);
    const { id: failed } = await exports.ask("POST", `/destinations/${id}/run`);
    expect(await exports.waitFor(failed)).toMatchObject({
      status: "FAILED",
      error: { code: "bucket_refused", remedy: expect.stringContaining("s3:PutObject") },
    });
    expect([...s3.objects.keys()].filter((key) => key.startsWith("billing/long"))).toEqual([]);
    expect(s3.openUploads.size).toBe(0);
    await exports.ask("POST", `/${failed}/retry`);
    const { status, files } = await exports.waitFor(failed);
    expect([status, files.length, s3.completedParts]).toEqual(["COMPLETED", 1, [2]]);
    const bytes = s3.objects.get(`billing/${files[0].path}`) ?? Buffer.alloc(0);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(files[0].sha256);
  });

  test.each([
    ["SlowDown", 503],
    ["RequestTimeout", 400],
    ["OperationAborted", 409],
    ["NoSuchUpload", 404],
  ])("what passes is tried again by itself: %s", async (code, status) => {
    const { id } = await exports.create(bucket({ folder: code }));
    // The client tries three times by itself what it knows to pass.
    s3.fail("PUT", code, status, code === "SlowDown" || code === "RequestTimeout" ? 3 : 1);
    expect(await exports.run(id)).toMatchObject({ attempts: 1, error: null });
  });

  test("one that does not answer is said as such", async () => {
    const { id } = await exports.create(bucket({ folder: "gone", endpoint: "http://127.0.0.1:9" }));
    expect(await firstError(id)).toMatchObject({
      code: "bucket_unavailable",
      remedy: "See that a storage answers at its endpoint, then retry the run.",
    });
  });

  test("a wrong key is said with its remedy, and a new one goes on", async () => {
    const wrong = { secret_access_key: "wrong" };
    const { id } = await exports.create(bucket({ folder: "wrong" }, wrong));
    const { id: runId } = await exports.ask("POST", `/destinations/${id}/run`);
    const run = await exports.waitFor(runId);
    expect(run.error).toMatchObject({
      code: "bucket_refused",
      message: "SignatureDoesNotMatch: Refused: SignatureDoesNotMatch",
      remedy: "Replace the destination's credential.",
    });
    const degraded = () => readDegraded(server);
    expect(await degraded()).toContain(
      `export ${runId} of SANDBOX to "Bucket" has failed: SignatureDoesNotMatch`,
    );
    const credential = bucket().credential;
    await exports.ask("PATCH", `/destinations/${id}`, { credential });
    await exports.ask("POST", `/${runId}/retry`);
    expect((await exports.waitFor(runId)).status).toBe("COMPLETED");
    expect(await degraded()).not.toContain(runId);
  });
});

describe("another Postgres", () => {
  const query = async (text: string) => (await client.query(text)).rows;

  test("rows that change are changed there, and a snapshot takes the place of the one before", async () => {
    const { id } = await exports.create(database());
    const { data: card } = await server.metronome.v1.contracts.rateCards.create({ name: "List" });
    await exports.run(id);
    const customers = () =>
      query(`select name, ingest_aliases, environment_type from "billing data".customer
        where name like 'Acme%'`);
    expect(await customers()).toEqual([
      { name: "Acme", ingest_aliases: [], environment_type: "SANDBOX" },
    ]);
    const [{ id: customerId } = { id: "" }] = await query(
      `select id from "billing data".customer where name = 'Acme'`,
    );
    await server.metronome.v1.customers.setName({ customer_id: customerId, name: "Acme Ltd" });
    await server.metronome.v1.contracts.rateCards.archive({ id: card.id });
    await server.metronome.v1.contracts.rateCards.create({ name: "Other" });
    const run = await exports.run(id);
    expect(await customers()).toMatchObject([{ name: "Acme Ltd" }]);
    expect(
      await query(`select name, archived_at is null as active, _metronome_metadata_id = '${run.id}' as last
        from "billing data".contracts_rate_cards order by name`),
    ).toEqual([
      { name: "List", active: false, last: true },
      { name: "Other", active: true, last: true },
    ]);
    const left = await query(`select tablename from pg_tables where schemaname = 'billing data'`);
    expect(left.map(({ tablename }) => tablename).sort()).toEqual([
      "contracts_rate_cards",
      "customer",
      "ledgerline_exports",
    ]);
    const [{ count }] = await query(`select count(*) from "billing data".ledgerline_exports`);
    expect(count).toBe("2");
  });

  test("somebody else who makes the schema at the same time only delays it", async () => {
    const { id } = await exports.create(database({ schema: "raced" }));
    await query("begin");
    await query("create schema raced");
    const { id: runId } = await exports.ask("POST", `/destinations/${id}/run`);
    const isWaiting = sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where application_name = 'ledgerline-export' and wait_event_type = 'Lock'`;
    while ((await isWaiting.execute(server.db)).rows[0]?.n === 0) await sleep(20);
    await query("commit");
    expect(await exports.waitFor(runId)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    expect(await query("select name from raced.customer where name like 'Acme%'")).toHaveLength(1);
  });

  test("what the user may not do is said, and the password is not", async () => {
    await query("create role narrow login password 'a-narrow-password'");
    try {
      const { id } = await exports.create(
        database({ user: "narrow", schema: "forbidden" }, "a-narrow-password"),
      );
      const { id: runId } = await exports.ask("POST", `/destinations/${id}/run`);
      const run = await exports.waitFor(runId);
      expect(run.error).toMatchObject({
        code: "database_refused",
        message: expect.stringContaining("42501"),
        remedy: expect.stringContaining("create tables in the schema"),
      });
      expect(JSON.stringify(run)).not.toContain("a-narrow-password");
    } finally {
      await query("drop role narrow");
    }
  });

  const full = `create schema "full"; create table "full".customer (id text, environment_type text,
      primary key (environment_type, id));
    create function "full".refuse() returns trigger language plpgsql as $$
      begin raise exception 'No space left on device' using errcode = '53100'; end $$;
    create trigger refuse before insert on "full".customer
      for each row execute function "full".refuse()`;
  test.each<[string, string, object, string, string, string]>([
    [
      "is not there",
      "",
      { database: "nowhere" },
      "database_refused",
      "3D000",
      "Create the database",
    ],
    ["does not answer", "", { port: 9 }, "database_unavailable", "ECONNREFUSED", "settings.port"],
    ["is full", full, { schema: "full" }, "database_unavailable", "53100", "more space"],
    [
      "has a table without our key",
      "create schema keyless; create table keyless.customer (id text)",
      { schema: "keyless" },
      "database_refused",
      "42P10",
      "another settings.schema",
    ],
    [
      "has a table with columns of other types",
      `create schema typed; create table typed.customer (id uuid, environment_type text,
        primary key (environment_type, id))`,
      { schema: "typed" },
      "database_refused",
      "42804",
      "another settings.schema",
    ],
  ])(
    "one that %s is said, with what to do",
    async (_how, prepare, settings, code, state, remedy) => {
      if (prepare !== "") await query(prepare);
      const { id } = await exports.create(database(settings));
      expect(await firstError(id)).toMatchObject({
        code,
        message: expect.stringContaining(state),
        remedy: expect.stringContaining(remedy),
      });
    },
  );
});

describe("private networks", () => {
  test("are refused by their look, and by what their name resolves to", async () => {
    const guarded = await startTestServer({ allowPrivateNetwork: false });
    try {
      const refusal = async (body: object) =>
        (await guarded.send("POST", "/v1/exports/destinations", body)).body.message;
      expect(await refusal(bucket())).toContain("127.0.0.1 is on a private network");
      expect(await refusal(database({ host: "127.0.0.1" }))).toContain("is on a private network");
      expect(await refusal(database({ host: "localhost" }))).toContain("is on a private network");
      expect(await refusal({ name: "x", kind: "folder", settings: { folder: "x" } })).toContain(
        "EXPORT_DIR",
      );
      const { ask, waitFor } = openExports(guarded);
      const { id } = await ask("POST", "/destinations", database({ host: "db.example" }));
      await guarded.db
        .updateTable("export_destinations")
        .set({ settings: JSON.stringify(database({ host: "localhost" }).settings) })
        .execute();
      const run = await ask("POST", `/destinations/${id}/run`);
      expect((await waitFor(run.id)).error).toMatchObject({ code: "address_refused" });
    } finally {
      await guarded.close();
    }
  });
});
