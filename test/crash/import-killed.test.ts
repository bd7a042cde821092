import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const TOKEN = "token-of-the-killed-server";

const monthOf = (month: number) => ({
  inclusive_start_date: new Date(Date.UTC(2024, month, 1)).toISOString(),
  exclusive_end_date: new Date(Date.UTC(2024, month + 1, 1)).toISOString(),
});

test("a server killed with -9 with everything imported and nothing committed leaves nothing behind", async () => {
  const database = await createTestDatabase();
  const credentialsKey = randomBytes(32);
  const child = spawnDyingServer({
    databaseUrl: database.url,
    credentialsKey,
    token: TOKEN,
    point: "import-invoices/posted",
  });
  const url = await child.line();
  const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
  const tokens = await createUsageProduct(metronome, "tokens");
  const card = await createRateCard(metronome, [[tokens, 100]]);
  const customer = await createCustomer(metronome);
  const contract = await createContract(metronome, customer, card, {
    starting_at: "2024-06-01T00:00:00Z",
    ending_before: "2024-09-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-08-01T00:00:00Z",
    },
  });
  const invoices = [5, 6].map((month) => ({
    customer_id: customer,
    contract_id: contract,
    credit_type_id: USD,
    ...monthOf(month),
    issue_date: "2024-08-03T00:00:00Z",
    usage_line_items: [{ product_id: tokens, ...monthOf(month), quantity: 10 }],
  }));
  const request = { invoices, preview: false };
  await expect(metronome.v1.contracts.createHistoricalInvoices(request)).rejects.toThrow();

  const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
  try {
    const imported = () => listInvoices(server.metronome, customer, { imported: true });
    expect(await imported()).toEqual([]);
    const { data } = await server.metronome.v1.contracts.createHistoricalInvoices(request);
    expect(data.map(({ total }) => total)).toEqual([1000, 1000]);
    expect(await imported()).toEqual(data);
  } finally {
    await server.close();
    await database.drop();
  }
});
