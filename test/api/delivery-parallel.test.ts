import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createPayer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import {
  findFreePort,
  type ProviderProxy,
  type ProxiedCall,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let proxy: ProviderProxy;

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  await server.setClock(monthStart(0));
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});

async function createCustomerOf(payer: string): Promise<string> {
  const { data } = await server.metronome.v1.customers.create({
    name: "Acme",
    customer_billing_provider_configurations: [
      {
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration: {
          stripe_customer_id: payer,
          stripe_collection_method: "charge_automatically",
        },
      },
    ],
  });
  return data.id;
}

/** Our invoice that a write is for: its key begins with it. */
const invoiceOf = ({ headers }: ProxiedCall): string =>
  String(headers["idempotency-key"]).slice("ledgerline-".length, "ledgerline-".length + 36);

const isCreate = ({ method, path }: ProxiedCall): boolean =>
  method === "POST" && path === "/v1/invoices";
const isFinalize = ({ path }: ProxiedCall): boolean => path.endsWith("/finalize");

test("deliveries to one payer never overlap, whosever they are; those to others do", async () => {
  const plan = await createPlan(server);
  const [shared, other] = [await createPayer(server), await createPayer(server)];
  for (const payer of [shared, shared, shared, other]) {
    const customer = await createCustomerOf(payer);
    await signMonth(server, plan, customer, 0);
    await useSome(server, plan, customer, monthStart(0));
  }
  /** The invoice of each payer that is being delivered, from its creation to the finalization's answer. */
  const open = new Map<string, string>();
  const payers = new Map<string, string>();
  const overlaps: string[] = [];
  const bothOpen = Promise.withResolvers<void>();
  proxy.before = async (call) => {
    if (!isCreate(call)) return undefined;
    const payer = new URLSearchParams(call.body).get("customer") ?? "";
    if (open.has(payer)) overlaps.push(payer);
    open.set(payer, invoiceOf(call));
    payers.set(invoiceOf(call), payer);
    if (open.size === 2) bothOpen.resolve();
    // The first of each payer waits here until the other's has begun as well.
    await bothOpen.promise;
    return undefined;
  };
  proxy.after = async (call) => {
    if (isFinalize(call)) open.delete(payers.get(invoiceOf(call)) ?? "");
    return undefined;
  };
  await server.setClock(monthBilledAt(0));
  expect(overlaps).toEqual([]);
  expect([payers.size, open.size]).toEqual([4, 0]);
  const statuses = async (payer: string) =>
    (await listProviderInvoices(server.stripe, payer)).map(({ status }) => status);
  expect(await statuses(shared)).toEqual(["paid", "paid", "paid"]);
  expect(await statuses(other)).toEqual(["paid"]);
});
