import {
  createPlan,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "./billed-customer.ts";
import { type Invoice, listInvoices } from "./billing.ts";
import type { TestServer } from "./server.ts";

type Server = Pick<TestServer, "metronome" | "stripe" | "send" | "setClock">;

/** Connects a system that fetches invoices; answers its delivery method. */
export async function connectCustomSystem({ send }: Server, settings = {}): Promise<string> {
  const { status, body } = await send("POST", "/v1/connections", {
    provider: "custom",
    name: "ERP",
    credential: {},
    settings,
  });
  if (status !== 200) throw new Error(`connection: ${status} ${JSON.stringify(body)}`);
  return body.data.id;
}

/** A customer whose invoices a custom system fetches; with `configuration` null they go nowhere. */
async function createCustomer(
  { send }: Server,
  name: string,
  configuration: object | null,
): Promise<string> {
  const row = {
    billing_provider: "custom",
    delivery_method: "direct_to_billing_provider",
    ...configuration,
  };
  const { body } = await send("POST", "/v1/customers", {
    name,
    customer_billing_provider_configurations: configuration === null ? [] : [row],
  });
  return body.data.id;
}

/** Bills months of customers whose invoices a custom system fetches: 2,034 cents each, one invoice a month, from a month counted from January 2024. */
export async function openCustomBilling(server: Server, from = 0) {
  let month = from - 2;
  const plan: Plan = await createPlan(server);
  return {
    plan,
    /** A customer with a month of usage, billed; every call bills a month of its own. */
    async bill(name = "Acme", configuration: object | null = {}): Promise<Invoice> {
      month += 2;
      await server.setClock(monthStart(month));
      const id = await createCustomer(server, name, configuration);
      await signMonth(server, plan, id, month);
      await useSome(server, plan, id, monthStart(month));
      await server.setClock(monthBilledAt(month));
      const [invoice] = await listInvoices(server.metronome, id);
      if (invoice === undefined) throw new Error("no invoice");
      return invoice;
    },
    /** When the last month was billed. */
    billedAt: () => monthBilledAt(month),
  };
}
