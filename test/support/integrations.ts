import Stripe from "stripe";
import {
  DEFAULT_INTEGRATION_OPTIONS,
  type IntegrationOptions,
} from "../../src/domain/integrations/integration-options.ts";
import { insertConfiguration } from "../../src/store/integration-configurations.ts";
import { createPlan, monthStart, type Plan } from "./billed-customer.ts";
import { createCustomer } from "./billing.ts";
import { type BillingMonths, openMonths } from "./billing-months.ts";
import { findFreePort, type ProviderProxy, startProviderProxy } from "./provider-proxy.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** An account at the provider that bills can be sent to. */
export interface Destination {
  readonly connectionId: string;
  readonly stripe: Stripe;
}

export interface RoutingWorld extends Omit<BillingMonths, "fill"> {
  readonly server: TestServer;
  readonly proxy: ProviderProxy;
  readonly plan: Plan;
  readonly org: string;
  /** The account behind the built-in connection. */
  readonly main: Destination;
  /** A customer with a contract of this month and 2,034 cents of usage. */
  sign(name: string, customFields?: Record<string, string>): Promise<string>;
  /** A customer at the provider that carries the account's id. */
  addPayer(destination: Destination, accountId: string, key?: string): Promise<string>;
  /** An account of its own at the provider, connected. */
  addDestination(name: string): Promise<Destination>;
  addRule(
    destination: Destination | null,
    given?: Partial<IntegrationOptions> & { name?: string; exclusiveGroup?: string },
  ): Promise<string>;
  /** A request to the integrations API. */
  call(method: string, path: string, body?: unknown): ReturnType<TestServer["send"]>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
  runsOf(accountId: string): Promise<any[]>;
  close(): Promise<void>;
}

const openClient = (base: string, key: string): Stripe => {
  const { hostname: host, port } = new URL(base);
  return new Stripe(key, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
};

/** A server whose bills go to several accounts at the provider, and what tests do to it. */
export async function openRoutingWorld(): Promise<RoutingWorld> {
  const collectPort = await findFreePort();
  const proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  const server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  await server.setClock(monthStart(0));
  const plan = await createPlan(server);
  const { body } = await server.send("GET", "/v1/environment");
  const { org_id: org } = body.data;
  const environment = await server.db
    .selectFrom("environments")
    .select("id")
    .where("name", "=", "SANDBOX")
    .executeTakeFirstOrThrow();
  const connections = await server.send("GET", "/v1/connections");
  await server.metronome.v1.customFields.addKey({
    entity: "customer",
    key: "country",
    enforce_uniqueness: false,
  });
  const months = openMonths(server, plan);
  const { billOf } = months;
  const manage = async (path: string, given: unknown) => {
    const response = await fetch(`${server.collectUrl}/ledgerline/accounts${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${server.sandboxToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(given),
    });
    return (await response.json()) as { readonly id: string; readonly key: string };
  };
  const call: RoutingWorld["call"] = (method, path, given) =>
    server.send(method, `/organizations/${org}/${path}`, given);
  return {
    server,
    proxy,
    plan,
    org,
    main: { connectionId: connections.body.data[0].id, stripe: server.stripe },
    call,
    billOf,
    nextMonth: months.nextMonth,
    endMonth: months.endMonth,
    later: months.later,
    async sign(name, customFields) {
      const id = await createCustomer(server.metronome, name);
      if (customFields !== undefined) {
        await server.metronome.v1.customFields.setValues({
          entity: "customer",
          entity_id: id,
          custom_fields: customFields,
        });
      }
      await months.fill(id);
      return id;
    },
    async addPayer({ stripe }, accountId, key = "ledgerline_account_id") {
      const payer = await stripe.customers.create({
        name: "Payer",
        metadata: { [key]: accountId },
      });
      const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: payer.id });
      await stripe.customers.update(payer.id, {
        invoice_settings: { default_payment_method: method.id },
      });
      return payer.id;
    },
    async addDestination(name) {
      const account = await manage("", { name });
      const { key } = await manage(`/${account.id}/keys`, { mode: "test" });
      const reply = await server.send("POST", "/v1/connections", {
        provider: "stripe",
        name,
        credential: { api_key: key },
      });
      if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
      return { connectionId: reply.body.data.id, stripe: openClient(server.collectUrl, key) };
    },
    async addRule(destination, { name = "rule", exclusiveGroup, ...options } = {}) {
      const { id } = await insertConfiguration(server.db, {
        environmentId: environment.id,
        entityType: "Bill",
        name,
        destination: "STRIPE_TEST",
        provider: "stripe",
        connectionId: destination?.connectionId ?? null,
        options: { ...DEFAULT_INTEGRATION_OPTIONS, ...options },
        exclusiveGroup: exclusiveGroup ?? null,
        createdAt: monthStart(0),
        createdBy: "test",
      });
      return id;
    },
    async runsOf(accountId) {
      const reply = await call("GET", `integrationruns/Bill/${await billOf(accountId)}`);
      if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
      return reply.body.data;
    },
    async close() {
      await server.close();
      await proxy.close();
    },
  };
}
