import Metronome from "@metronome/sdk";
import pg from "pg";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
} from "../test/support/billing.ts";
import type { BenchServer } from "./bench-server.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const CUSTOMERS = 200;
const MONTHS = 10;
const PRODUCTS = 10;
/** Customers whose invoices go in one request. */
const TOGETHER = 10;
/** 100,000 lines in minutes: in three. */
const LEAST_LINES_PER_SECOND = 100_000 / 180;

const monthOf = (month: number) => ({
  inclusive_start_date: new Date(Date.UTC(2024, month, 1)).toISOString(),
  exclusive_end_date: new Date(Date.UTC(2024, month + 1, 1)).toISOString(),
});

/**
 * Imports ten months of many customers, ten lines an invoice, and holds that against a bare copy of
 * the same rows in one statement.
 */
export async function benchImport(server: BenchServer): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  const { products, card } = await createCatalogue(metronome);
  const parties = [];
  for (let n = 0; n < CUSTOMERS; n += 1) parties.push(await sign(metronome, card));
  const start = performance.now();
  for (let n = 0; n < CUSTOMERS; n += TOGETHER) {
    const invoices = parties.slice(n, n + TOGETHER).flatMap((party) => invoicesOf(party, products));
    await metronome.v1.contracts.createHistoricalInvoices({ invoices, preview: false });
  }
  const seconds = (performance.now() - start) / 1000;
  const lines = CUSTOMERS * MONTHS * PRODUCTS;
  const perSecond = lines / seconds;
  const bareSeconds = await copyRows(server, CUSTOMERS * MONTHS);
  process.stdout.write(`import: ${lines} lines on ${CUSTOMERS * MONTHS} invoices in ${seconds.toFixed(1)} s, ${perSecond.toFixed(0)} lines/s (at least ${LEAST_LINES_PER_SECOND.toFixed(0)})
import: a bare copy of the rows ${(bareSeconds * 1000).toFixed(0)} ms, ratio ${(bareSeconds / seconds).toFixed(3)}\n`);
  if (perSecond < LEAST_LINES_PER_SECOND) process.exitCode = 1;
}

async function createCatalogue(metronome: Metronome) {
  const products: string[] = [];
  for (let n = 0; n < PRODUCTS; n += 1) {
    products.push(await createUsageProduct(metronome, `product ${n}`));
  }
  const prices = products.map((id, n): [string, number] => [id, n + 1]);
  return { products, card: await createRateCard(metronome, prices) };
}

interface Party {
  readonly customer_id: string;
  readonly contract_id: string;
}

async function sign(metronome: Metronome, card: string): Promise<Party> {
  const customer = await createCustomer(metronome, "bench");
  const contract = await createContract(metronome, customer, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2025-01-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-12-01T00:00:00Z",
    },
  });
  return { customer_id: customer, contract_id: contract };
}

const invoicesOf = (party: Party, products: readonly string[]) =>
  Array.from({ length: MONTHS }, (_, month) => ({
    ...party,
    credit_type_id: USD,
    ...monthOf(month),
    issue_date: monthOf(month).exclusive_end_date,
    usage_line_items: products.map((product_id) => ({
      product_id,
      ...monthOf(month),
      quantity: 100 + month,
    })),
  }));

/** Seconds that the same rows take when they are only written. */
async function copyRows({ databaseUrl }: BenchServer, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("create table copied (like invoices including all)");
    const start = performance.now();
    const { rowCount } = await client.query(
      "insert into copied overriding system value select * from invoices where imported",
    );
    if (rowCount !== count) throw new Error(`There are ${rowCount} imported invoices`);
    return (performance.now() - start) / 1000;
  } finally {
    await client.end();
  }
}
