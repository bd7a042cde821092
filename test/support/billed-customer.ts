import type Stripe from "stripe";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  type NewContract,
  use,
} from "./billing.ts";
import type { TestServer } from "./server.ts";

/** What these helpers need of a server, whether it runs in this process or in another. */
export type Clients = Pick<TestServer, "metronome" | "stripe">;

export interface Payer {
  readonly paymentMethod?: string | undefined;
  readonly collectionMethod?: "charge_automatically" | "send_invoice" | undefined;
}

/** A customer at the provider; its default payment method pays unless another one is named. */
export async function createPayer(
  { stripe }: Clients,
  { paymentMethod = "pm_card_visa" }: Payer = {},
): Promise<string> {
  const payer = await stripe.customers.create({ name: "Acme", email: "billing@acme.test" });
  const method = await stripe.paymentMethods.attach(paymentMethod, { customer: payer.id });
  await stripe.customers.update(payer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
  return payer.id;
}

export interface BilledCustomer {
  readonly id: string;
  readonly payer: string;
}

/** A customer of ours whose invoices go to a payer at the provider. */
export async function createBilledCustomer(
  clients: Clients,
  payer: Payer = {},
): Promise<BilledCustomer> {
  const providerCustomer = await createPayer(clients, payer);
  const { data } = await clients.metronome.v1.customers.create({
    name: "Acme",
    customer_billing_provider_configurations: [
      {
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration: {
          stripe_customer_id: providerCustomer,
          stripe_collection_method: payer.collectionMethod ?? "charge_automatically",
        },
      },
    ],
  });
  return { id: data.id, payer: providerCustomer };
}

export interface Plan {
  readonly tokens: string;
  readonly calls: string;
  readonly card: string;
}

let plans = 0;

/** Two usage products: one at 2 cents, one at a third of a cent that has to be rounded. */
export async function createPlan({ metronome }: Clients): Promise<Plan> {
  plans += 1;
  const tokens = `tokens ${plans}`;
  const calls = `calls ${plans}`;
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, tokens), 2],
    [await createUsageProduct(metronome, calls), 0.333],
  ]);
  return { tokens, calls, card };
}

/** The first instant of a month counted from January 2024. */
export const monthStart = (month: number): string =>
  new Date(Date.UTC(2024, month, 1)).toISOString().replace(".000Z", "Z");

/** When a month's invoice is delivered: a day of grace after its end. */
export const monthBilledAt = (month: number): string =>
  new Date(Date.UTC(2024, month + 1, 2)).toISOString().replace(".000Z", "Z");

/** Puts the customer on the plan for this one month, so that it gets one invoice. */
export const signMonth = (
  { metronome }: Clients,
  { card }: Plan,
  customerId: string,
  month: number,
  terms: Partial<NewContract> = {},
): Promise<string> =>
  createContract(metronome, customerId, card, {
    starting_at: monthStart(month),
    ending_before: monthStart(month + 1),
    ...terms,
  });

/** 1,000 tokens and 101 calls: 2,000 + 33.633 cents, 2,034 when rounded. */
export async function useSome(
  { metronome }: Clients,
  plan: Plan,
  customerId: string,
  at: string,
): Promise<void> {
  await use(metronome, customerId, plan.tokens, at, 1000);
  await use(metronome, customerId, plan.calls, at, 101);
}

/** Every invoice of a customer at the provider, oldest first. */
export async function listProviderInvoices(
  stripe: Stripe,
  customer: string,
): Promise<Stripe.Invoice[]> {
  const invoices: Stripe.Invoice[] = [];
  for await (const invoice of stripe.invoices.list({ customer, limit: 100 })) {
    invoices.unshift(invoice);
  }
  return invoices;
}
