import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CoreDb } from "../../src/db/database.ts";
import { listCreditNotes } from "../../src/store/credit-notes.ts";
import { listRuns } from "../../src/store/run-lists.ts";
import { createBilledCustomer, createPlan } from "../support/billed-customer.ts";
import { createContract, listInvoices, use } from "../support/billing.ts";
import { rowsRead } from "../support/rows-read.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const MANY = 3000;

let server: TestServer;
let environmentId: string;

/** An invoice that was sent, and its credit note; then many rows more of the like. */
beforeAll(async () => {
  server = await startTestServer();
  const { metronome } = server;
  await server.setClock("2024-01-15T00:00:00Z");
  const { id: customer } = await createBilledCustomer(server);
  const plan = await createPlan(server);
  await createContract(metronome, customer, plan.card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
  await use(metronome, customer, plan.tokens, "2024-01-16T00:00:00Z", 900);
  await server.setClock("2024-02-03T00:00:00Z");
  const [invoice] = await listInvoices(metronome, customer);
  const note = { invoice_id: invoice?.id, reason: "other", amount: 100 };
  expect((await server.send("POST", "/v1/credit-notes", note)).status).toBe(200);
  await server.setClock("2024-02-03T00:00:00Z");
  const run = await server.db.selectFrom("integration_runs").selectAll().executeTakeFirstOrThrow();
  environmentId = run.environment_id;
  await copy("integration_runs", { id: "gen_random_uuid()", invoice_version: "1000 + n" });
  await copy("credit_notes", { id: "gen_random_uuid()" });
  await sql`analyze integration_runs, credit_notes`.execute(server.db);
});
afterAll(() => server.close());

/** Copies the only row of a table many times, with expressions in the place of some columns. */
async function copy(table: string, replaced: Readonly<Record<string, string>>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_identity = 'NO'`.execute(
    server.db,
  );
  const columns = rows.map(({ name }) => name);
  const values = columns.map((name) => sql.raw(replaced[name] ?? `source.${name}`));
  await sql`insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
    select ${sql.join(values)} from ${sql.table(table)} source
    cross join generate_series(1, ${MANY}::int) as n`.execute(server.db);
}

const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const PAGE = { after: undefined, limit: 100 };
const notesPage = () => ({
  ...PAGE,
  environmentId,
  invoiceId: undefined,
  customerId: undefined,
  status: undefined,
});

test.each<[string, string, (db: CoreDb) => Promise<unknown>]>([
  [
    "failed runs",
    "integration_runs",
    (db) => listRuns(db, environmentId, { ...PAGE, status: "FAILED" }),
  ],
  [
    "runs that failed, by their word",
    "integration_runs",
    (db) => listRuns(db, environmentId, { ...PAGE, word: "ERROR" }),
  ],
  [
    "credit notes of another customer",
    "credit_notes",
    (db) => listCreditNotes(db, { ...notesPage(), customerId: NOBODY }),
  ],
  [
    "credit notes that were taken back",
    "credit_notes",
    (db) => listCreditNotes(db, { ...notesPage(), status: "VOID" }),
  ],
])("%s are found among many others without reading these", async (_, table, read) => {
  expect(await rowsRead(server.db, table, read)).toEqual({ ownPlan: 0, anyPlan: 0 });
});

test("runs of a provider that has none are found by its name", async () => {
  const read = (db: CoreDb) => listRuns(db, environmentId, { ...PAGE, provider: "nobody" });
  expect((await rowsRead(server.db, "integration_runs", read)).ownPlan).toBe(0);
});
