import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  showLine,
} from "../support/billing.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { runImport } from "../support/run-import.ts";
import type { Ran } from "../support/run-script.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** `npm run import` of contracts on the database of a running server. Tokens cost 250 cents. */
const key = randomBytes(32);
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";

let database: TestDatabase;
let server: TestServer;
let folder: string;
let card: string;
let euros: string;
let map: string;
let tests = 0;
/** What this test's contracts and customers begin with: keys are used once. */
let own: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ databaseUrl: database.url, credentialsKey: key });
  await server.setClock("2024-08-15T00:00:00Z");
  const { metronome } = server;
  const tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 250]]);
  await createFixedProduct(metronome, "Prepayment");
  await createFixedProduct(metronome, "Twice");
  await createFixedProduct(metronome, "Twice");
  const { data } = await metronome.v1.contracts.rateCards.create({
    name: "Euros",
    fiat_credit_type_id: EUR,
    aliases: [
      { name: "standard", ending_before: "2024-06-01T00:00:00Z" },
      { name: "eu", starting_at: "2024-06-01T00:00:00Z" },
    ],
  });
  euros = data.id;
});
afterAll(async () => {
  await server.close();
  await database.drop();
});
beforeEach(() => {
  tests += 1;
  own = `t${tests}`;
  folder = mkdtempSync(join(tmpdir(), "import-contracts-test-"));
  map = join(folder, "map.csv");
  return () => rmSync(folder, { recursive: true, force: true });
});

type Options = { readonly name?: string; readonly dieAt?: readonly [string, number] };

/** Runs the command on a file of these lines. */
function run(
  lines: readonly string[],
  { name = "contracts.csv", dieAt }: Options = {},
  ...more: string[]
): Promise<Ran> {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  const target = { databaseUrl: database.url, credentialsKey: key, ...(dieAt && { dieAt }) };
  return runImport(target, [file, "--contract-map", map, ...more]);
}

const HEADER =
  "contract,customer,customer_name,rate_card,starting_at,ending_before,generation_starting_at,usage_frequency,net_payment_terms_days,opening_balance,opening_balance_type,opening_balance_product,opening_balance_ending_before,opening_balance_name";

/** A row that is right, but for what the test puts in place of its cells. */
function row(cells: Record<string, string> = {}): string {
  const usual: Record<string, string> = {
    contract: `${own}-a`,
    customer: `${own}-acme`,
    customer_name: "Acme",
    rate_card: card,
    starting_at: "2024-06-01",
    generation_starting_at: "2024-08-01",
  };
  return HEADER.split(",")
    .map((column) => cells[column] ?? usual[column] ?? "")
    .join(",");
}

/** A row with an opening balance of 100 cents, or what the test puts in its place. */
const balanceRow = (cells: Record<string, string> = {}): string =>
  row({
    opening_balance: "100",
    opening_balance_type: "PREPAID",
    opening_balance_product: "Prepayment",
    opening_balance_ending_before: "2025-06-01",
    ...cells,
  });

const customersOf = async (alias: string) =>
  (await server.metronome.v1.customers.list({ ingest_alias: alias })).data;

/** The contracts of the customer of an alias. */
async function contractsOf(alias: string) {
  const [customer] = await customersOf(alias);
  if (customer === undefined) return [];
  const { data } = await server.metronome.v2.contracts.list({ customer_id: customer.id });
  return data;
}

const readMap = (): string[][] =>
  readFileSync(map, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

test("contracts with their customers, balances and terms go in and into the map; run again they are there", async () => {
  const rows = [
    HEADER,
    row({
      ending_before: "2025-06-01",
      usage_frequency: "quarterly",
      net_payment_terms_days: "14",
      opening_balance: "6000",
      opening_balance_type: "PREPAID",
      opening_balance_product: "Prepayment",
      opening_balance_name: "Balance brought along",
    }),
    // A second balance: all else is the same.
    row({
      ending_before: "2025-06-01",
      usage_frequency: "quarterly",
      net_payment_terms_days: "14",
      opening_balance: "500.25",
      opening_balance_type: "credit",
      opening_balance_product: "Prepayment",
      opening_balance_ending_before: "2024-12-31 12:00",
    }),
    // The customer is there by now, so its name is not needed.
    row({ contract: `${own}-b`, customer_name: "", rate_card: "eu" }),
    row({
      contract: `${own}-c`,
      customer: `${own}-other`,
      customer_name: "Other",
      rate_card: "Euros",
    }),
  ];
  const ran = await run(rows);
  expect(ran).toEqual({
    code: 0,
    out: `Created: 3 contracts, 2 customers
  1 PREPAID opening balances in USD (cents), total 6000
  1 CREDIT opening balances in USD (cents), total 500.25
Contract map: 3 contracts in ${map}
`,
    error: "3 of 3 contracts\n",
  });
  const [customer] = await customersOf(`${own}-acme`);
  expect(customer).toMatchObject({ name: "Acme", ingest_aliases: [`${own}-acme`] });
  const contracts = await contractsOf(`${own}-acme`);
  const [first, second] = contracts;
  expect(first).toMatchObject({
    rate_card_id: card,
    starting_at: "2024-06-01T00:00:00Z",
    ending_before: "2025-06-01T00:00:00Z",
    net_payment_terms_days: 14,
    uniqueness_key: `${own}-a`,
    usage_statement_schedule: { frequency: "QUARTERLY" },
    commits: [
      {
        type: "PREPAID",
        name: "Balance brought along",
        product: { name: "Prepayment" },
        access_schedule: {
          credit_type: { id: USD },
          // As long as the contract, since it names no other end.
          schedule_items: [
            {
              amount: 6000,
              starting_at: "2024-06-01T00:00:00Z",
              ending_before: "2025-06-01T00:00:00Z",
            },
          ],
        },
      },
    ],
    credits: [
      {
        type: "CREDIT",
        access_schedule: {
          schedule_items: [{ amount: 500.25, ending_before: "2024-12-31T12:00:00Z" }],
        },
      },
    ],
  });
  expect(first?.commits?.[0]?.invoice_schedule).toBeUndefined();
  expect(second).toMatchObject({ rate_card_id: euros, uniqueness_key: `${own}-b` });
  const [other] = await contractsOf(`${own}-other`);
  expect(readMap()).toEqual([
    ["contract", "contract_id", "customer_id", "credit_type_id"],
    [`${own}-a`, first?.id, customer?.id, USD],
    [`${own}-b`, second?.id, customer?.id, EUR],
    [`${own}-c`, other?.id, other?.customer_id, EUR],
  ]);

  const written = readFileSync(map, "utf8");
  rmSync(map);
  const again = await run(rows);
  expect([again.code, again.out]).toEqual([
    0,
    `Created: 0 contracts, 0 customers
Already there: 3 contracts
  1 PREPAID opening balances in USD (cents), total 6000
  1 CREDIT opening balances in USD (cents), total 500.25
Contract map: 3 contracts in ${map}
`,
  ]);
  expect(readFileSync(map, "utf8")).toBe(written);
  expect(await contractsOf(`${own}-acme`)).toEqual(contracts);
});

test("JSON lines say the same, with the balances of a contract in an array, and keep every digit", async () => {
  const [amount, other] = ["12345678901234567.123456789", "0.1"];
  const object = (more: string) =>
    `{"contract": "${own}, \\"1\\"", "customer": "${own}-acme", "customer_name": "Acme", "rate_card": "eu", "starting_at": "2024-06-01", "generation_starting_at": "2024-08-01T00:00:00Z", "ending_before": null, "net_payment_terms_days": 30${more}}`;
  const item = (text: string) =>
    `{"opening_balance": ${text}, "opening_balance_type": "CREDIT", "opening_balance_product": "Prepayment", "opening_balance_ending_before": "2025-06-01"}`;
  const lines = ["", object(`, "opening_balances": [${item(amount)}, ${item(other)}]`)];
  const { code, out } = await run(lines, { name: "contracts.jsonl" });
  expect([code, out]).toEqual([
    0,
    `Created: 1 contracts, 1 customers
  2 CREDIT opening balances in EUR, total 12345678901234567.223456789
Contract map: 1 contracts in ${map}
`,
  ]);
  const [contract] = await contractsOf(`${own}-acme`);
  expect(contract).toMatchObject({ uniqueness_key: `${own}, "1"`, net_payment_terms_days: 30 });
  expect(contract?.credits).toHaveLength(2);
  expect(readFileSync(map, "utf8").split("\n")[1]).toBe(
    `"${own}, ""1""",${contract?.id},${contract?.customer_id},${EUR}`,
  );
  const refused = await run(
    [object(""), object(`, "opening_balances": [${item("-1")}]`).replace(', \\"1\\"', "-2")],
    { name: "contracts.jsonl" },
  );
  expect([refused.code, refused.out.split("\n").slice(0, 4)]).toEqual([
    1,
    [
      "Created: 0 contracts, 0 customers",
      "Already there: 1 contracts",
      "Refused: 1 contracts",
      `  row 2, contract ${own}-2: row 2: opening_balance is negative`,
    ],
  ]);
  // What was in the map and not in the file stays.
  expect(readFileSync(map, "utf8")).toContain(`"${own}, ""1""",${contract?.id},`);
});

test("what is refused is named by its rows, and the rest goes in; mended, the next run adds it", async () => {
  const archived = await server.metronome.v1.customers.create({ name: "Gone" });
  await server.metronome.v1.customers.archive({ id: archived.data.id });
  const rows = [
    HEADER,
    row({ contract: `${own}-1`, rate_card: "nothing" }),
    row({ contract: `${own}-2`, rate_card: "standard" }),
    row({ contract: `${own}-3`, customer: `${own}-nobody`, customer_name: "" }),
    "",
    row({ contract: `${own}-4` }),
    row({ contract: `${own}-4`, starting_at: "2024-07-01" }),
    row({ contract: `${own}-5`, starting_at: "someday" }),
    balanceRow({ contract: `${own}-6`, opening_balance: "-1" }),
    row({ contract: `${own}-7`, generation_starting_at: "2024-05-31" }),
    balanceRow({ contract: `${own}-8` }),
    balanceRow({ contract: `${own}-8` }),
    balanceRow({ contract: `${own}-9`, opening_balance_product: "Twice" }),
    balanceRow({ contract: `${own}-10`, opening_balance_product: "tokens" }),
    balanceRow({ contract: `${own}-11`, opening_balance_ending_before: "" }),
    balanceRow({ contract: `${own}-12`, opening_balance: "" }),
    balanceRow({ contract: `${own}-13`, opening_balance_type: "POSTPAID" }),
    row({ contract: "" }),
    row({ contract: `${own}-14`, usage_frequency: "DAILY" }),
    row({ contract: `${own}-15`, net_payment_terms_days: "soon" }),
    row({ contract: `${own}-16`, starting_at: "2024-06-01 00:30" }),
    row({ contract: `${own}-17`, ending_before: "2024-06-01" }),
    row({ contract: `${own}-18`, customer: archived.data.id }),
    row({ contract: "x".repeat(129) }),
    balanceRow({ contract: `${own}-19`, opening_balance_ending_before: "2024-06-01" }),
    balanceRow({ contract: `${own}-20`, opening_balance_ending_before: "2201-06-01" }),
    row({ contract: `${own}-21`, customer: "y".repeat(129) }),
    row({ contract: `${own}-22` }),
  ];
  const ran = await run(rows);
  expect(ran.code).toBe(1);
  expect(ran.out.split("\n")).toEqual([
    "Created: 1 contracts, 1 customers",
    "Refused: 23 contracts",
    `  row 2, contract ${own}-1: row 2: rate_card is "nothing": no rate card in use has that id, name, or alias when the contract starts`,
    // The alias ended when the contract starts.
    `  row 3, contract ${own}-2: row 3: rate_card is "standard": no rate card in use has that id, name, or alias when the contract starts`,
    `  row 4, contract ${own}-3: customer is "${own}-nobody": no customer has that id or ingest alias, and there is no customer_name to create it with`,
    `  row 6, 7, contract ${own}-4: row 7: starting_at is "2024-07-01", in row 6 of the same contract it is "2024-06-01"`,
    `  row 8, contract ${own}-5: row 8: starting_at is "someday", not a date such as 2024-06-01`,
    `  row 9, contract ${own}-6: row 9: opening_balance is negative`,
    `  row 10, contract ${own}-7: row 10: generation_starting_at is before starting_at`,
    `  row 11, 12, contract ${own}-8: row 12: repeats row 11 of the same contract`,
    `  row 13, contract ${own}-9: row 13: opening_balance_product is "Twice": several FIXED products have that name`,
    `  row 14, contract ${own}-10: row 14: opening_balance_product is "tokens": no FIXED product in use has that id or name`,
    `  row 15, contract ${own}-11: row 15: opening_balance_ending_before is empty, and the contract has no end`,
    `  row 16, contract ${own}-12: row 16: there is opening_balance_type, and no opening_balance`,
    `  row 17, contract ${own}-13: row 17: opening_balance_type is "POSTPAID", neither PREPAID nor CREDIT`,
    "  row 18, contract : row 18: contract is empty",
    `  row 19, contract ${own}-14: row 19: usage_frequency must be one of MONTHLY, QUARTERLY, ANNUAL, WEEKLY`,
    `  row 20, contract ${own}-15: row 20: net_payment_terms_days is "soon", not a number of days`,
    `  row 21, contract ${own}-16: row 21: starting_at must be on the hour`,
    `  row 22, contract ${own}-17: ending_before must be after starting_at`,
    `  row 23, contract ${own}-18: Customer ${archived.data.id} is archived`,
    `  row 24, contract ${"x".repeat(129)}: row 24: contract must NOT have more than 128 characters`,
    `  row 25, contract ${own}-19: row 25: opening_balance_ending_before is not after 2024-06-01T00:00:00Z, when the balance begins`,
    `  row 26, contract ${own}-20: opening_balance_ending_before: 2201-06-01T00:00:00Z is not between the years 1970 and 2200`,
    `  row 27, contract ${own}-21: row 27: customer must NOT have more than 128 characters`,
    `Contract map: 1 contracts in ${map}`,
    "",
  ]);
  expect(readMap().map(([contract]) => contract)).toEqual(["contract", `${own}-22`]);
  expect(await contractsOf(`${own}-acme`)).toHaveLength(1);

  const mended = [HEADER, row({ contract: `${own}-3` }), row({ contract: `${own}-22` })];
  const { code, out } = await run(mended);
  expect([code, out.split("\n").slice(0, 2)]).toEqual([
    0,
    ["Created: 1 contracts, 0 customers", "Already there: 1 contracts"],
  ]);
  expect(readMap().map(([contract]) => contract)).toEqual(["contract", `${own}-22`, `${own}-3`]);
});

test("a contract that is there with other terms is refused, and leaves the map", async () => {
  await run([HEADER, balanceRow(), row({ contract: `${own}-b`, customer: `${own}-b` })]);
  const [contract] = await contractsOf(`${own}-acme`);
  const reasons: string[] = [];
  for (const other of [
    { net_payment_terms_days: "7" },
    { generation_starting_at: "2024-07-01" },
    { rate_card: "eu" },
    { customer: `${own}-b` },
    { opening_balance: "101" },
  ]) {
    const { code, out } = await run([HEADER, balanceRow(other)]);
    expect(code).toBe(1);
    reasons.push(out.split("\n").find((line) => line.startsWith("  row")) ?? "");
  }
  const place = `  row 2, contract ${own}-a:`;
  const there = `of the contract that has this key, ${contract?.id}, it is`;
  expect(reasons).toEqual([
    `${place} net_payment_terms_days is 7, ${there} not given`,
    `${place} generation_starting_at is 2024-07-01T00:00:00Z, ${there} 2024-08-01T00:00:00Z`,
    `${place} rate_card is ${euros}, ${there} ${card}`,
    `${place} The contract of this key, ${contract?.id}, is of customer ${contract?.customer_id}`,
    `${place} opening_balance: the contract of this key, ${contract?.id}, has none of its terms`,
  ]);
  expect(readMap().map(([name]) => name)).toEqual(["contract", `${own}-b`]);
  expect(await contractsOf(`${own}-acme`)).toEqual([contract]);
});

test("a preview checks everything, stores nothing, and writes no map", async () => {
  const rows = [
    HEADER,
    balanceRow(),
    row({ contract: `${own}-b` }),
    row({ contract: `${own}-c`, ending_before: "2024-01-01" }),
  ];
  const { code, out } = await run(rows, {}, "--preview");
  expect([code, out]).toEqual([
    1,
    `Would be created: 2 contracts, 1 customers
  1 PREPAID opening balances in USD (cents), total 100
Refused: 1 contracts
  row 4, contract ${own}-c: ending_before must be after starting_at
`,
  ]);
  expect(await customersOf(`${own}-acme`)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["contracts.csv"]);
});

test("killed with -9 in the middle it leaves whole contracts; the next run adds what is missing, once", async () => {
  const rows = [HEADER];
  for (let n = 0; n < 30; n += 1) {
    for (const [type, amount] of [
      ["PREPAID", "100"],
      ["CREDIT", "10"],
    ] as const) {
      rows.push(
        balanceRow({
          contract: `${own}-${n}`,
          customer: `${own}-customer-${n}`,
          opening_balance: amount,
          opening_balance_type: type,
        }),
      );
    }
  }
  const states = async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const customers = await customersOf(`${own}-customer-${n}`);
        const contracts = await contractsOf(`${own}-customer-${n}`);
        const parts = contracts.flatMap(({ commits, credits = [] }) => [...commits, ...credits]);
        return `${customers.length} customer, ${contracts.length} contract, ${parts.length} balances`;
      }),
    );
    return Object.fromEntries([...Map.groupBy(all, (text) => text)].map(([k, v]) => [k, v.length]));
  };
  const WHOLE = "1 customer, 1 contract, 2 balances";
  const NOTHING = "0 customer, 0 contract, 0 balances";

  const killed = await run(rows, { dieAt: ["import-contract/created", 20] });
  expect([killed.code, killed.out]).toEqual([null, ""]);
  const after = await states();
  const there = after[WHOLE] ?? 0;
  // Four are worked on at once: those that had reached the point before the 20th may be uncommitted.
  expect(there).toBeGreaterThanOrEqual(16);
  expect(there).toBeLessThan(20);
  expect(after).toEqual({ [WHOLE]: there, [NOTHING]: 30 - there });
  expect(readdirSync(folder)).toEqual(["contracts.csv"]);

  // Killed with the new map written beside the old one, it leaves none that is half of it.
  const late = await run(rows, { dieAt: ["contract-map/written", 1] });
  expect(late.code).toBeNull();
  expect(existsSync(map)).toBe(false);
  expect(await states()).toEqual({ [WHOLE]: 30 });

  const { code, out } = await run(rows);
  expect([code, out]).toEqual([
    0,
    `Created: 0 contracts, 0 customers
Already there: 30 contracts
  30 PREPAID opening balances in USD (cents), total 3000
  30 CREDIT opening balances in USD (cents), total 300
Contract map: 30 contracts in ${map}
`,
  ]);
  expect(await states()).toEqual({ [WHOLE]: 30 });
});

test("two runs at the same time create each contract once", async () => {
  const rows = [HEADER];
  for (let n = 0; n < 20; n += 1) {
    rows.push(row({ contract: `${own}-${n}`, customer: `${own}-customer-${n}` }));
  }
  const runs = await Promise.all([run(rows), run(rows)]);
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
  const created = runs.map(({ out }) => Number(/^Created: (\d+)/.exec(out)?.[1]));
  expect(created.reduce((a, b) => a + b)).toBe(20);
  for (let n = 0; n < 20; n += 1) {
    expect(await contractsOf(`${own}-customer-${n}`)).toHaveLength(1);
  }
});

test("invoices go in by the map that contracts wrote, and burn the balance that was brought along", async () => {
  await run([HEADER, balanceRow({ opening_balance: "6000" })]);
  const HEAD = "invoice,contract,period_start,period_end,issue_date,product,quantity,billed_total";
  const invoices = [
    HEAD,
    `${own}-1,${own}-a,2024-06-01,2024-07-01,2024-07-03,tokens,10,0`,
    `${own}-2,${own}-a,2024-07-01,2024-08-01,2024-08-03,tokens,20,1500`,
  ];
  const { code, out } = await run(invoices, { name: "invoices.csv" });
  expect([code, out]).toEqual([
    0,
    `Imported: 2 invoices, 2 lines, total 1500
Compared: 2 invoices, here 1500, billed 1500; 0 differ
`,
  ]);
  const [customer] = await customersOf(`${own}-acme`);
  const customer_id = customer?.id ?? "";
  const shown = await listInvoices(server.metronome, customer_id, { imported: true });
  // June: 10 x 250 = 2500 of the 6000. July: 20 x 250 = 5000, of which the 3500 that are left pay 14.
  expect(shown.map(({ total }) => total)).toEqual([0, 1500]);
  expect(shown[1]?.line_items.map(showLine)).toEqual([
    "tokens: 14 x 250 = 3500",
    "Prepayment applied = -3500",
    "tokens: 6 x 250 = 1500",
  ]);
  const balance = await server.metronome.v1.contracts.getNetBalance({
    customer_id,
    credit_type_id: USD,
  });
  expect(balance.data.balance).toBe(0);
  // August is ours, and nothing is owed for the balance.
  const live = await listInvoices(server.metronome, customer_id, { imported: false });
  expect(live.map(({ type, status, start_timestamp: start }) => [type, status, start])).toEqual([
    ["USAGE", "DRAFT", "2024-08-01T00:00:00Z"],
  ]);
});

test.each<[string, string, readonly string[], string]>([
  [
    "a file of neither",
    "contracts.csv",
    ["name,colour"],
    "it has the columns name, colour; a file of contracts has contract, customer, rate_card, starting_at, generation_starting_at, a file of invoices has invoice, contract, period_start,",
  ],
  ["an empty file", "contracts.jsonl", [""], "it is empty; a file of contracts has"],
  [
    "a file of both",
    "contracts.csv",
    [`${HEADER},quantity`],
    "it has the columns contract, customer",
  ],
  [
    "a column that is missing",
    "contracts.csv",
    ["contract,customer"],
    "no column rate_card, starting_at",
  ],
  [
    "a column that is not known",
    "contracts.csv",
    [`${HEADER},colour`],
    'column "colour" is not known',
  ],
  ["a column that stands there twice", "contracts.csv", [`${HEADER},customer`], '"customer" twice'],
  ["no JSON", "contracts.jsonl", ['{"contract": "a"'], "row 1: it is not valid JSON"],
  ["no object", "contracts.jsonl", ["[]"], "row 1: it is not an object"],
])("%s stops it before anything is done", async (_what, name, lines, reason) => {
  const { code, out, error } = await run(lines, { name });
  expect([code, out]).toEqual([1, ""]);
  expect(error).toContain(reason);
  expect(existsSync(map)).toBe(false);
});

test("a file that is no contract map is not written over, nor is one written into no folder", async () => {
  map = join(folder, "notes.csv");
  writeFileSync(map, "a,b\n1,2\n");
  const { code, error } = await run([HEADER, row()]);
  expect([code, error]).toEqual([
    1,
    `${map}: the header has no column contract, contract_id, customer_id\n`,
  ]);
  expect(readFileSync(map, "utf8")).toBe("a,b\n1,2\n");
  map = join(folder, "nowhere", "map.csv");
  expect((await run([HEADER, row()])).code).toBe(1);
  expect(await customersOf(`${own}-acme`)).toEqual([]);
});

test("text that is not UTF-8 is refused, not replaced", async () => {
  const file = join(folder, "contracts.csv");
  writeFileSync(file, Buffer.from(`${HEADER}\n${row({ customer_name: "M\xfcller" })}\n`, "latin1"));
  const target = { databaseUrl: database.url, credentialsKey: key };
  const { code, error } = await runImport(target, [file, "--contract-map", map]);
  expect([code, error.startsWith(`${file}: `)]).toEqual([1, true]);
  expect(await customersOf(`${own}-acme`)).toEqual([]);
});
