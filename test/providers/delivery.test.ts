import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inTransaction } from "../../src/platform/database/database.ts";
import { insertBillingConfigurations } from "../../src/store/billing-configurations.ts";
import { getEnvironment } from "../../src/store/environments.ts";
import {
  createPlan,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { createCustomer, listInvoices } from "../support/billing.ts";
import { type Failure, type SandboxSystem, startSandboxSystem } from "../support/sandbox-system.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { paperProvider } from "./paper/provider.ts";

let server: TestServer;
let system: SandboxSystem;
let plan: Plan;
const sheets = new Map<string, { readonly invoiceId: string; readonly total: string }>();
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

beforeAll(async () => {
  system = await startSandboxSystem();
  server = await startTestServer({}, { paper: paperProvider(sheets) });
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(async () => {
  await server?.close();
  await system?.close();
});
beforeEach(() => system.mend());

const connect = async (body: Record<string, unknown>): Promise<string> => {
  const reply = await server.send("POST", "/v1/connections", body);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body.data.id;
};

const connectSandbox = (): Promise<string> =>
  connect({
    provider: "sandbox",
    credential: { token: system.token },
    settings: { base_url: system.url },
  });

/** A customer whose invoices go there: no wire word leads to these providers. */
async function billOver(provider: string, connectionId: string, configuration: object) {
  month += 2;
  await server.setClock(monthStart(month));
  const customerId = await createCustomer(server.metronome);
  const { id: environmentId } = await getEnvironment(server.db, "SANDBOX");
  await inTransaction(server.db, (tx) =>
    insertBillingConfigurations(tx, [
      {
        environmentId,
        customerId,
        billingProvider: provider,
        deliveryMethod: "direct_to_billing_provider",
        connectionId,
        configuration: { ...configuration },
        createdAt: monthStart(month),
      },
    ]),
  );
  await signMonth(server, plan, customerId, month);
  await useSome(server, plan, customerId, monthStart(month));
  await server.setClock(monthBilledAt(month));
  const [invoice] = await listInvoices(server.metronome, customerId);
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice?.id}`);
  return { invoiceId: invoice?.id ?? "", run: body.data[0] };
}

const later = (hours: number): string =>
  new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString();

const statusOf = async ({ id }: { readonly id: string }): Promise<string> =>
  (await server.send("GET", `/v1/runs/${id}`)).body.data.status;

const expectOneWhole = (invoiceId: string): void => {
  const found = [...system.documents.values()].filter(({ reference }) => reference === invoiceId);
  expect(found).toMatchObject([{ status: "open", payer: "payer_1", total_minor: "2034" }]);
};

describe("over the sandbox provider", () => {
  let connection: string;
  beforeAll(async () => {
    connection = await connectSandbox();
  });

  test.each<Failure>([
    "throttle",
    "lock",
    "break-before",
    "break-after",
    "cut-after",
    "page-after",
  ])("a system that fails once (%s) has one whole document in the end", async (failure) => {
    system.fail(failure, "POST", failure === "cut-after" ? 2 : 1);
    const { invoiceId, run } = await billOver("sandbox", connection, { payer: "payer_1" });
    await server.setClock(later(1));
    expect(await statusOf(run)).toBe("SENT");
    expectOneWhole(invoiceId);
  });

  test("a refusal ends the run with its reason; a retry delivers", async () => {
    system.fail("refuse", "POST");
    const { invoiceId, run } = await billOver("sandbox", connection, { payer: "payer_1" });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "invalid_document" } });
    expect((await server.send("POST", `/v1/runs/${run.id}/retry`)).status).toBe(200);
    await server.setClock(later(1));
    expect(await statusOf(run)).toBe("SENT");
    expectOneWhole(invoiceId);
  });

  test("is never connected in PRODUCTION", async () => {
    const authorization = `Bearer ${server.productionToken}`;
    const body = { provider: "sandbox", credential: { token: system.token } };
    const reply = await server.send("POST", "/v1/connections", body, { authorization });
    expect([reply.status, reply.body.message]).toEqual([
      400,
      expect.stringContaining("SANDBOX environment only"),
    ]);
  });
});

describe("a provider that was added", () => {
  test("is connected with its own settings, delivers, and has an address for its events", async () => {
    const refused = await server.send("POST", "/v1/connections", {
      provider: "paper",
      credential: {},
      settings: { shelf: "top" },
    });
    expect([refused.status, refused.body.message]).toEqual([400, "unknown field settings.shelf"]);
    const settings = { drawer: "left" };
    const connection = await connect({ provider: "paper", credential: {}, settings });
    const { invoiceId, run } = await billOver("paper", connection, {});
    expect(run).toMatchObject({ status: "SENT", external_id: invoiceId });
    expect(sheets.get(invoiceId)).toEqual({ invoiceId, total: "2033.633" });
    const { body } = await server.send("GET", "/v1/environment");
    const event = await server.send("POST", `/paper/${body.data.client_id}/SANDBOX`, {});
    expect([event.status, event.body.message]).toEqual([
      400,
      expect.stringContaining("signature does not fit"),
    ]);
  });
});
