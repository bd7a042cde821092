import Stripe from "stripe";
import { stripeProvider } from "../../src/providers/stripe/provider.ts";
import { createPayer, listProviderInvoices } from "../support/billed-customer.ts";
import { providerError, type Reply, startProviderProxy } from "../support/provider-proxy.ts";
import { startTestServer } from "../support/server.ts";
import { checkProvider, type Trouble } from "./contract.ts";

const SECRET = "whsec_of_the_contract";
const { webhooks } = new Stripe("sk_test_unused");

/** What the proxy answers in the place of Stripe, and whether Stripe does its work before. */
const TROUBLES: Readonly<Record<Trouble, readonly ["before" | "after", Reply | "reset"]>> = {
  refused: ["before", providerError(400, { type: "invalid_request_error", code: "x" })],
  unauthorized: ["before", providerError(401, { type: "invalid_request_error" })],
  throttled: ["before", providerError(429, { type: "rate_limit_error" }, { "retry-after": "1" })],
  locked: ["before", providerError(429, { code: "lock_timeout" })],
  "broken before": ["before", providerError(500)],
  "broken after": ["after", providerError(500)],
  "cut before": ["before", "reset"],
  "cut after": ["after", "reset"],
  "page after": ["after", { status: 200, headers: {}, body: "<html>" }],
};

checkProvider("stripe", async () => {
  const server = await startTestServer();
  const proxy = await startProviderProxy(server.collectUrl);
  const payer = await createPayer(server);
  return {
    provider: stripeProvider({ override: proxy.url, collect: () => undefined }),
    connection: {
      id: "connection",
      environment: "SANDBOX",
      builtIn: false,
      credential: { api_key: server.collectKey, webhook_secret: SECRET },
      settings: { requests_per_second: 1000 },
    },
    options: { stripe_customer_id: payer, stripe_collection_method: "charge_automatically" },
    secrets: [server.collectKey, SECRET],
    badCredentials: [
      {},
      { api_key: "pk_test_published" },
      { api_key: "sk_live_of_the_other_mode" },
      { api_key: server.collectKey, extra: "some-value" },
    ],
    async list(invoiceId) {
      const all = await listProviderInvoices(server.stripe, payer);
      return all
        .filter(({ metadata }) => metadata?.ledgerline_invoice_id === invoiceId)
        .map(({ id, status, lines, total }) => ({
          id: id ?? "",
          isDraft: status === "draft",
          lines: lines.data.length,
          totalMinor: total,
        }));
    },
    trouble(method, trouble) {
      const [when, reply] = TROUBLES[trouble];
      // The official client tries a broken connection once more by itself.
      let left = reply === "reset" ? 2 : 1;
      proxy[when] = async (call) => {
        if (call.method !== method || left === 0) return undefined;
        left -= 1;
        return reply;
      };
    },
    mend() {
      proxy.before = undefined;
      proxy.after = undefined;
    },
    meddle: async (id) =>
      void (await server.stripe.invoices.addLines(id, {
        lines: [{ amount: 1, description: "foreign" }],
      })),
    remove: async (id) => void (await server.stripe.invoices.del(id)),
    event: (id, invoiceId) =>
      JSON.stringify({
        id: "evt_1",
        object: "event",
        type: "invoice.paid",
        livemode: false,
        data: { object: { id, object: "invoice", metadata: { ledgerline_invoice_id: invoiceId } } },
      }),
    sign: (payload, secret, timestamp) => ({
      "stripe-signature": webhooks.generateTestHeaderString({ payload, secret, timestamp }),
    }),
    webhookSecret: SECRET,
    async close() {
      await proxy.close();
      await server.close();
    },
  };
});
