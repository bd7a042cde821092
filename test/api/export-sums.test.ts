import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { dec, sum, toText } from "../../src/domain/decimal.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { meaningOf, withJson } from "../support/export-columns.ts";
import { openExports, readExported, type Table } from "../support/exports.ts";
import { EUR, fillBilling } from "../support/filled-billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** One filled server, exported as Parquet, as CSV and into a Postgres: the same values, and they add up. */

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;

/** What differs from run to run. */
const OF_RUNS = ["updated_at", "snapshot_time", "_metronome_metadata_id"];

let server: TestServer;
let exports: ReturnType<typeof openExports>;
let root: string;
let warehouse: TestDatabase;
let client: pg.Client;
let tables: Body[];
let destinations: { parquet: string; csv: string; postgres: string };
let filled: Awaited<ReturnType<typeof fillBilling>>;
let parquet: Body;
let csv: Body;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "ledgerline-exports-"));
  warehouse = await createTestDatabase();
  client = new pg.Client({ connectionString: warehouse.url, options: "-c timezone=UTC" });
  await client.connect();
  server = await startTestServer({ exportDir: root });
  exports = openExports(server);
  filled = await fillBilling(server);
  tables = await exports.ask("GET", "/tables");
  const url = new URL(inject("databaseAdminUrl"));
  const create = async (body: object): Promise<string> =>
    (await exports.create({ name: "Somewhere", ...body })).id;
  destinations = {
    parquet: await create({ kind: "folder", settings: { folder: "parquet" } }),
    csv: await create({ kind: "folder", format: "csv", settings: { folder: "csv" } }),
    postgres: await create({
      kind: "postgres",
      settings: {
        host: url.hostname,
        port: Number(url.port || 5432),
        database: new URL(warehouse.url).pathname.slice(1),
        user: decodeURIComponent(url.username),
        ssl: "off",
      },
      credential: { password: decodeURIComponent(url.password) || "none" },
    }),
  };
  await exportAll();
}, 120_000);

afterAll(async () => {
  await client.end();
  await server.close();
  await warehouse.drop();
  rmSync(root, { recursive: true, force: true });
});

async function exportAll(): Promise<void> {
  parquet = await exports.run(destinations.parquet);
  csv = await exports.run(destinations.csv);
  await exports.run(destinations.postgres);
}

async function readCsv(run: Body, table: string): Promise<Table> {
  const rows: Table = [];
  for (const file of run.files.filter((each: Body) => each.table === table)) {
    const found = parse(await readFile(join(root, file.path)), {
      columns: true,
      cast: (value, { quoting, header }) => (value === "" && !quoting && !header ? null : value),
    });
    rows.push(...(found as Table));
  }
  return rows;
}

/** Every value as text. */
async function readWarehouse(table: string, columns: readonly Body[]): Promise<Table> {
  const list = columns.map(({ name }) => `"${name}"::text as "${name}"`).join(", ");
  return (await client.query(`select ${list} from ledgerline."${table}"`)).rows;
}

const toInstant = (value: string) =>
  new Date(value.replace(" ", "T").replace(/\+00$/, "Z")).toISOString();

/** Rows by their keys, in the words that all three have in common. */
function toComparable(rows: Table, columns: readonly Body[], key: string) {
  const plain = withJson(rows, columns).map((row) =>
    Object.fromEntries(
      columns
        .filter(({ name }) => !OF_RUNS.includes(name))
        .map(({ name, type }) => {
          const value = row[name];
          if (value === null) return [name, null];
          if (type === "instant" && typeof value === "string") return [name, toInstant(value)];
          if (type === "boolean") return [name, String(value)];
          return [name, type === "text" ? value : (meaningOf(value) ?? null)];
        }),
    ),
  );
  return plain.sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
}

const columnsOf = (table: string): Body[] =>
  tables.find((each: Body) => each.table === table)?.columns;

async function expectSame(table: string, key: string): Promise<Table> {
  const columns = columnsOf(table);
  const rows = await readExported(root, parquet, table);
  const expected = toComparable(rows, columns, key);
  expect(expected.length, table).toBeGreaterThan(0);
  expect(toComparable(await readCsv(csv, table), columns, key), `${table} as CSV`).toEqual(
    expected,
  );
  const there = toComparable(await readWarehouse(table, columns), columns, key);
  expect(there, `${table} in Postgres`).toEqual(expected);
  return rows;
}

test("every table has the same rows with the same values everywhere", async () => {
  for (const { table } of tables) {
    const key = table === "events" ? "transaction_id" : "id";
    await expectSame(table, key);
  }
});

describe("sums", () => {
  test.each([
    ["invoice", "line_item"],
    ["draft_invoice", "draft_line_item"],
  ])(
    "the lines of every %s come to its total, and without offsets to its subtotal",
    async (table, lineTable) => {
      const invoices = await readExported(root, parquet, table);
      const lines = await readExported(root, parquet, lineTable);
      const off = invoices.flatMap((invoice) => {
        // Lines in a pricing unit count through the line that converts what is left of them.
        const own = lines.filter(
          (line) =>
            line.invoice_id === invoice.id && line.credit_type_id === invoice.credit_type_id,
        );
        const isOffset = (line: Body) => line.type === "applied_commit_or_credit";
        // What a postpaid commit covers is billed all the same.
        const isSummed = (line: Body) =>
          !isOffset(line) || line.applied_commit_or_credit_type !== "POSTPAID";
        const totalOf = (some: Table) => toText(sum(some.map(({ total }) => dec(total))));
        const total = totalOf(own.filter(isSummed));
        const subtotal = totalOf(own.filter((line) => !isOffset(line)));
        return total === invoice.total && subtotal === invoice.subtotal
          ? []
          : [`${invoice.id}: ${total} of ${invoice.total}, ${subtotal} of ${invoice.subtotal}`];
      });
      expect(off).toEqual([]);
      expect(invoices.length).toBeGreaterThan(2);
    },
  );

  test("so does the query that a warehouse would ask", async () => {
    const { rows } = await client.query(`select invoice.id, invoice.total, sum(line.total) as lines
      from ledgerline.invoice left join ledgerline.line_item line on line.invoice_id = invoice.id
        and line.credit_type_id = invoice.credit_type_id
        and (line.type <> 'applied_commit_or_credit' or line.applied_commit_or_credit_type <> 'POSTPAID')
      group by invoice.id, invoice.total
      having coalesce(sum(line.total), 0) <> invoice.total`);
    expect(rows).toEqual([]);
  });

  test("by hand: euros are whole, dollars are cents, also of the document at the provider", async () => {
    const invoices = await readExported(root, parquet, "invoice");
    const of = (customer: string) =>
      invoices
        .filter((row) => row.customer_id === customer && row.start_timestamp?.getUTCMonth() === 0)
        .map((row) => [
          row.status,
          row.total,
          row.billing_provider_invoice_total,
          row.billing_provider_invoice_tax,
          row.credited_total,
          row.billed_total,
        ]);
    // Five halves make ten calls at 0.333 EUR; written back were 4.38 with 1.05 of tax.
    expect(of(filled.others.euros)).toEqual([["FINALIZED", "3.33", "4.38", "1.05", null, null]]);
    // Ten calls cost 30 as a package of ten, and a tenth of that for support.
    expect(of(filled.others.voided)).toEqual([["VOID", "33", null, null, null, null]]);
    expect(of(filled.others.regenerated).sort()).toEqual([
      ["FINALIZED", "33", null, null, null, null],
      ["VOID", "33", null, null, null, null],
    ]);
    // Three jobs at 2 tokens of 12.5 cents; 7 were billed elsewhere.
    expect(of(filled.others.imported)).toEqual([["FINALIZED", "75", null, null, null, "7"]]);
    const [acme] = invoices.filter((row) => row.billing_provider_invoice_id === "erp-1");
    expect([acme?.billing_provider_invoice_total, acme?.billing_provider_invoice_tax]).toEqual([
      "9775",
      "50",
    ]);
    expect(acme?.credited_total).toBe("100");
    const euros = invoices.filter((row) => row.credit_type_id === EUR);
    expect(euros).toHaveLength(1);
  });
});

test("a credit note is its invoice again, and so is its end", async () => {
  const [invoice] = (await readExported(root, parquet, "invoice")).filter(
    (row) => row.billing_provider_invoice_id === "erp-1",
  );
  const credited = async () => {
    const run = await exports.run(destinations.parquet);
    const rows = await readExported(root, run, "invoice");
    return rows.map((row) => [row.id, row.credited_total]);
  };
  expect(await credited()).toEqual([]);
  const note = await filled.ask("POST", "/v1/credit-notes", {
    invoice_id: invoice?.id,
    amount: 23,
    reason: "other",
  });
  expect(await credited()).toEqual([[invoice?.id, "123"]]);
  await filled.ask("POST", `/v1/credit-notes/${note.id}/void`);
  expect(await credited()).toEqual([[invoice?.id, "100"]]);
  expect(await credited()).toEqual([]);
});

/** Texts that some format may stumble over. */
const arbitraryText = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
    fc.constantFrom('"', ",", "\r\n", "\n", "\\N", "=1+1", " a ", "null", "NULL", "\t", "''", "😀"),
  )
  .filter((text) => text.isWellFormed() && !text.includes("\0"));
const arbitraryProperties = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== "__proto__"),
  fc.oneof(arbitraryText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
  { maxKeys: 5 },
);

test("whatever texts and numbers come, each arrives as it was sent", async () => {
  const names = fc.sample(arbitraryText, { numRuns: 100, seed: 11 });
  const sent = new Map<string, string>();
  for (const name of names) {
    const { status, body } = await server.send("POST", "/v1/customers", { name });
    if (status === 200) sent.set(body.data.id, name);
  }
  expect(sent.size).toBeGreaterThan(50);
  const events = fc.sample(arbitraryProperties, { numRuns: 100, seed: 12 });
  const kept = new Map<string, object>();
  for (const [n, properties] of events.entries()) {
    const event = {
      transaction_id: `arbitrary ${n} ${names[n] ?? ""}`.slice(0, 100),
      customer_id: filled.customer,
      event_type: "arbitrary",
      timestamp: "2024-03-01T00:00:00.123456Z",
      properties,
    };
    const { status } = await server.send("POST", "/v1/ingest", [event]);
    if (status === 200) kept.set(event.transaction_id, properties);
  }
  expect(kept.size).toBeGreaterThan(50);
  const digits = "12345678901234567890.123456789";
  const long = `[{"transaction_id": "long", "customer_id": "acme", "event_type": "arbitrary",
    "timestamp": "2024-03-01T00:00:00Z", "properties": {"value": ${digits}}}]`;
  expect((await server.send("POST", "/v1/ingest", long)).status).toBe(200);
  await exportAll();
  const read = async (table: string, key: string, ids: ReadonlyMap<string, unknown>) => {
    const some = (rows: Table) =>
      toComparable(
        rows.filter((row) => ids.has(row[key])),
        columnsOf(table),
        key,
      );
    const expected = some(await readExported(root, parquet, table));
    expect(some(await readCsv(csv, table))).toEqual(expected);
    expect(some(await readWarehouse(table, columnsOf(table)))).toEqual(expected);
    return expected;
  };
  const customers = await read("customer", "id", sent);
  expect(new Map(customers.map(({ id, name }) => [id, name]))).toEqual(sent);
  const found = await read("events", "transaction_id", kept);
  expect(new Map(found.map((row) => [row.transaction_id, row.properties]))).toEqual(
    new Map([...kept].map(([id, properties]) => [id, meaningOf(properties)])),
  );
  const isLong = ({ transaction_id: id }: Body) => id === "long";
  for (const rows of [
    await readExported(root, parquet, "events"),
    await readCsv(csv, "events"),
    await readWarehouse("events", columnsOf("events")),
  ]) {
    expect(rows.find(isLong)?.properties).toContain(digits);
  }
});
