import type { ProviderRegistry } from "../../src/providers/provider.ts";
import {
  openQuickBooks,
  type QuickBooks,
  type QuickBooksOptions,
} from "../quickbooks/open-quickbooks.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** The product, a company of QuickBooks' stand-in, and a connection between them. */
export interface QuickBooksWorld {
  readonly server: TestServer;
  readonly quickBooks: QuickBooks;
  readonly connectionId: string;
  /** Changes settings of the connection and keeps the others. */
  set(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Sets a custom field of a thing of ours, and adds its key when it is new. */
  map(entity: string, id: string, key: string, value: string): Promise<void>;
  customField(entity: "customer" | "product", id: string, key: string): Promise<string | undefined>;
  /** A customer that is billed over QuickBooks. */
  addCustomer(name: string, configuration?: Readonly<Record<string, unknown>>): Promise<string>;
  /** The runs of an invoice. */
  // biome-ignore lint/suspicious/noExplicitAny: a reply of our own endpoint.
  runsOf(invoiceId: string): Promise<any[]>;
  close(): Promise<void>;
}

/** Opens both, connected with tokens that were given by hand; with other providers than usual where a test has some. */
export async function openQuickBooksWorld(
  options: QuickBooksOptions = {},
  providersOf: (quickBooks: QuickBooks) => ProviderRegistry = () => ({}),
): Promise<QuickBooksWorld> {
  const quickBooks = await openQuickBooks({ limits: false, ...options });
  const server = await startTestServer(
    { qboApiBase: quickBooks.apiBase, qboOauthBase: quickBooks.oauthBase },
    providersOf(quickBooks),
  );
  const { metronome, send } = server;
  const tokens = quickBooks.issueTokens();
  const { body } = await send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: {
      client_id: quickBooks.app.clientId,
      client_secret: quickBooks.app.clientSecret,
      webhook_verifier_token: quickBooks.app.verifierToken,
      access_token: tokens.access_token,
      refresh_token: tokens.refresh_token,
    },
    // The stand-in of these worlds has no limits, unless they are asked for.
    settings: { realm_id: quickBooks.realmId, requests_per_second: options.limits ? 8 : 100 },
  });
  const connectionId: string = body.data.id;
  const known = new Set<string>();
  return {
    server,
    quickBooks,
    connectionId,
    async set(settings) {
      const reply = await send("PATCH", `/v1/connections/${connectionId}`, { settings });
      if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
    },
    async map(entity, id, key, value) {
      const as = entity as "customer";
      if (!known.has(`${entity} ${key}`)) {
        known.add(`${entity} ${key}`);
        await send("POST", "/v1/customFields/addKey", {
          entity,
          key,
          enforce_uniqueness: false,
        });
      }
      await metronome.v1.customFields.setValues({
        entity: as,
        entity_id: id,
        custom_fields: { [key]: value },
      });
    },
    async customField(entity, id, key) {
      if (entity === "customer") {
        const { data } = await metronome.v1.customers.retrieve({ customer_id: id });
        return data.custom_fields[key];
      }
      const { data } = await metronome.v1.contracts.products.retrieve({ id });
      return data.custom_fields?.[key];
    },
    async addCustomer(name, configuration) {
      const { data } = await metronome.v1.customers.create({
        name,
        customer_billing_provider_configurations: [
          {
            // The client's types are older than the description of its API, which has this one.
            billing_provider: "quickbooks_online" as "stripe",
            delivery_method: "direct_to_billing_provider",
            ...(configuration === undefined ? {} : { configuration }),
          },
        ],
      });
      return data.id;
    },
    async runsOf(invoiceId) {
      const reply = await send("GET", `/v1/runs?invoice_id=${invoiceId}`);
      return reply.body.data;
    },
    async close() {
      await server.close();
      await quickBooks.close();
    },
  };
}
