import type Metronome from "@metronome/sdk";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type NewContract,
  use,
} from "./billing.ts";
import { startTestServer, type TestServer } from "./server.ts";
import { type LoggedMessage, startWebhookLog, type WebhookLog } from "./webhook-log.ts";

export const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

export type NewAlert = Metronome.V1.AlertCreateParams;
type NewCredit = NonNullable<NewContract["credits"]>[number];

/** A server with a log of its webhooks, and a card on which a token costs 10 cents. */
export interface AlertWorld {
  readonly server: TestServer;
  readonly log: WebhookLog;
  readonly tokensMetric: string;
  readonly fixed: string;
  /** Lets everything happen that is due, at this instant or where the clock stands. */
  settle(at?: string): Promise<void>;
  now(): string;
  /** A customer with a monthly contract from the first of the clock's month. */
  sign(terms?: Partial<NewContract>): Promise<{ customer: string; contract: string }>;
  /** A free prepaid commit or credit, from the first of the clock's month. */
  grant(amount: number, ending_before?: string): Pick<NewCredit, "product_id" | "access_schedule">;
  use(customer: string, tokens: number, at?: string): Promise<void>;
  createAlert(alert: Partial<NewAlert> & Pick<NewAlert, "alert_type">): Promise<string>;
  statusOf(customer_id: string, alert_id: string): Promise<string | null>;
  /** The messages of an alert so far, oldest first. */
  told(alert: string): readonly LoggedMessage[];
  close(): Promise<void>;
}

export async function openAlertWorld(start: string): Promise<AlertWorld> {
  const server = await startTestServer();
  await server.setClock(start);
  const log = await startWebhookLog(server);
  const { metronome } = server;
  const tokens = await createUsageProduct(metronome, "tokens");
  const card = await createRateCard(metronome, [[tokens, 10]]);
  const fixed = await createFixedProduct(metronome, "Prepaid");
  const { data: product } = await metronome.v1.contracts.products.retrieve({ id: tokens });
  const tokensMetric = product.current.billable_metric_id ?? "";
  let now = start;
  const monthStart = () => `${now.slice(0, 7)}-01T00:00:00Z`;
  const settle = async (at = now) => {
    now = at;
    await server.setClock(at);
  };
  return {
    server,
    log,
    tokensMetric,
    fixed,
    settle,
    now: () => now,
    async sign(terms = {}) {
      const customer = await createCustomer(metronome);
      const contract = await createContract(metronome, customer, card, {
        starting_at: monthStart(),
        ...terms,
      });
      await settle();
      return { customer, contract };
    },
    grant: (amount, ending_before = "2030-01-01T00:00:00Z") => ({
      product_id: fixed,
      access_schedule: { schedule_items: [{ amount, starting_at: monthStart(), ending_before }] },
    }),
    async use(customer, quantity, at = now) {
      await use(metronome, customer, "tokens", at, quantity);
      await settle();
    },
    async createAlert(alert) {
      const { data } = await metronome.v1.alerts.create({
        name: "Watch",
        threshold: 10_000,
        ...alert,
      });
      await settle();
      return data.id;
    },
    async statusOf(customer_id, alert_id) {
      const { data } = await metronome.v1.customers.alerts.retrieve({ customer_id, alert_id });
      return data.customer_status;
    },
    told: (alert) => log.messages().filter(({ properties }) => properties.alert_id === alert),
    async close() {
      await server.close();
      await log.close();
    },
  };
}
