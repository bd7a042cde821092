import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../support/billing.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { runImport } from "../support/run-import.ts";
import type { Ran } from "../support/run-script.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** `npm run import` on the database of a running server. Prices: tokens 100 cents, calls 7. */
const key = randomBytes(32);

let database: TestDatabase;
let server: TestServer;
let folder: string;
let card: string;
let customer: string;
let contract: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ databaseUrl: database.url, credentialsKey: key });
  await server.setClock("2024-08-15T00:00:00Z");
  folder = mkdtempSync(join(tmpdir(), "import-test-"));
  const { metronome } = server;
  card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
    [await createUsageProduct(metronome, "calls"), 7],
  ]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
  await database.drop();
});
beforeEach(async () => {
  customer = await createCustomer(server.metronome);
  contract = await createContract(server.metronome, customer, card, {
    starting_at: "2024-06-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-08-01T00:00:00Z",
    },
  });
});

const HEADER = "invoice,contract,period_start,period_end,issue_date,product,quantity,billed_total";
const JUNE = "2024-06-01,2024-07-01,2024-07-03";
const JULY = "2024-07-01,2024-08-01,2024-08-03";

/** Runs the command on these rows, and a map in which "acme" is the contract. */
const run = (rows: readonly string[], ...options: string[]): Promise<Ran> =>
  runNamed("invoices.csv", rows, ...options);

function runNamed(name: string, rows: readonly string[], ...options: string[]): Promise<Ran> {
  const file = join(folder, name);
  const map = join(folder, "map.csv");
  writeFileSync(file, `${rows.join("\n")}\n`);
  writeFileSync(map, `contract,contract_id,customer_id\nacme,${contract},${customer}\n`);
  const args = [file, "--contract-map", map, ...options];
  return runImport({ databaseUrl: database.url, credentialsKey: key }, args);
}

const shown = async () =>
  (await listInvoices(server.metronome, customer, { imported: true })).map(
    ({ start_timestamp: start, total, line_items: lines }) =>
      `${start?.slice(0, 7)} ${total}, ${lines.length} lines`,
  );

const ROWS = [
  HEADER,
  `A-1,acme,${JUNE},tokens,10,1070`,
  `A-1,acme,${JUNE},calls,10,1070`,
  `A-2,acme,${JULY},tokens,20,2100`,
];

test("a preview compares and stores nothing; the run stores it; run again it has nothing to do", async () => {
  const preview = await run(ROWS, "--preview");
  expect(preview).toEqual({
    code: 0,
    // 10 x 100 + 10 x 7. A-2: 20 x 100, billed 2,100.
    out: `Would be imported: 2 invoices, 3 lines, total 3070
Compared: 2 invoices, here 3070, billed 3170; 1 differ
  invoice A-2: -100
`,
    error: "2 of 2 invoices\n",
  });
  expect(await shown()).toEqual([]);
  const first = await run(ROWS);
  expect([first.code, first.out]).toEqual([
    0,
    preview.out.replace("Would be imported", "Imported"),
  ]);
  expect(await shown()).toEqual(["2024-06 1070, 2 lines", "2024-07 2000, 1 lines"]);
  const again = await run(ROWS);
  expect([again.code, again.out]).toEqual([
    0,
    "Imported: 0 invoices, 0 lines, total 0\nAlready there: 2 invoices\n",
  ]);
  expect(await shown()).toHaveLength(2);
});

test("what is refused is named by its rows, and the rest goes in; mended, the next run adds it", async () => {
  const bad = [
    HEADER,
    `A-1,acme,${JUNE},tokens,10,`,
    `A-2,acme,2024-07-01,2024-08-02,2024-08-03,tokens,5,`,
    `A-3,acme,${JULY},nothing,5,`,
    `A-4,acme,${JULY},tokens,many,`,
    `A-5,other,${JULY},tokens,5,`,
    `A-6,acme,${JULY},tokens,5,`,
    `A-6,acme,${JULY},calls,-5,`,
    `A-7,acme,${JULY},tokens,5,10`,
    `A-7,acme,${JULY},calls,5,20`,
    `A-8,acme,someday,2024-08-01,2024-08-03,tokens,5,`,
  ];
  const ran = await run(bad);
  expect(ran.code).toBe(1);
  expect(ran.out.split("\n")).toEqual([
    "Imported: 1 invoices, 1 lines, total 1000",
    "Refused: 7 invoices",
    `  row 4, invoice A-3: row 4: product is "nothing": there is no such product`,
    `  row 5, invoice A-4: row 5: quantity is "many", not a number such as 12.5`,
    `  row 6, invoice A-5: row 6: the contract map has no "other"`,
    "  row 7, 8, invoice A-6: row 8: quantity is negative",
    `  row 9, 10, invoice A-7: row 10: billed_total is "20", in row 9 of the same invoice it is "10"`,
    `  row 11, invoice A-8: row 11: period_start is "someday", not a date such as 2024-06-01`,
    "  row 3, invoice A-2: exclusive_end_date must not be after 2024-08-01T00:00:00Z, from when the contract's invoices are generated; see usage_statement_schedule.invoice_generation_starting_at",
    "",
  ]);
  const mended = [bad[0], bad[1], `A-2,acme,${JULY},tokens,5,`].map(String);
  expect((await run(mended)).out).toBe(
    "Imported: 1 invoices, 1 lines, total 500\nAlready there: 1 invoices\n",
  );
  expect(await shown()).toEqual(["2024-06 1000, 1 lines", "2024-07 500, 1 lines"]);
});

test("rows are counted as an editor does, empty lines and cells of several lines included", async () => {
  const rows = [HEADER, "", `"A\n1",acme,${JUNE},tokens,1,`, "", `B-1,acme,${JULY},tokens,many,`];
  const { code, out } = await run(rows, "--preview");
  expect(code).toBe(1);
  expect(out).toContain("Would be imported: 1 invoices, 1 lines, total 100\n");
  expect(out).toContain('row 6, invoice B-1: row 6: quantity is "many"');
});

test("JSON lines say the same, an object for each line of an invoice", async () => {
  const [, first = "", second = ""] = ROWS;
  const columns = HEADER.split(",");
  const objects = [first, second].map((row) => {
    const cells = row.split(",").map((text, n) => [columns[n], text]);
    return JSON.stringify({ ...Object.fromEntries(cells), quantity: 0.5, billed_total: null });
  });
  const { code, out } = await runNamed("invoices.jsonl", objects);
  // 0.5 x 100 + 0.5 x 7.
  expect([code, out]).toEqual([0, "Imported: 1 invoices, 2 lines, total 53.5\n"]);
  expect(await shown()).toEqual(["2024-06 53.5, 2 lines"]);
});

test("two invoices of one period: the first is taken, in a preview as well", async () => {
  const rows = [HEADER, `A-1,acme,${JUNE},tokens,1,`, `B-1,acme,${JUNE},tokens,2,`];
  for (const options of [["--preview"], []]) {
    const { code, out } = await run(rows, ...options);
    expect(code).toBe(1);
    expect(out).toContain(
      "1 invoices, 1 lines, total 100\nRefused: 1 invoices\n  row 3, invoice B-1: overlaps the imported invoice of A-1 of 2024-06-01T00:00:00Z",
    );
  }
  expect(await shown()).toEqual(["2024-06 100, 1 lines"]);
});

test.each<[string, readonly string[], string]>([
  ["a column that is missing", ["invoice,contract"], "the header has no column period_start"],
  ["a column that is not known", [`${HEADER},colour`], 'the column "colour" is not known'],
  ["no CSV", [HEADER, '"A-1'], "Quote Not Closed"],
])("%s stops it before anything is done", async (_what, rows, reason) => {
  const { code, out, error } = await run(rows);
  expect([code, out]).toEqual([1, ""]);
  expect(error).toContain(reason);
});

test("without its arguments it says how it is used", async () => {
  const { code, error } = await run(ROWS, "--environment", "MARS");
  expect(code).toBe(1);
  expect(error).toContain("Usage: npm run import -- INVOICES.csv --contract-map MAP.csv");
});

test("in the other environment there is no such product and no such contract", async () => {
  const { code, out } = await run(ROWS, "--environment", "PRODUCTION");
  expect(code).toBe(1);
  expect(out).toContain("Imported: 0 invoices");
  expect(await shown()).toEqual([]);
});
