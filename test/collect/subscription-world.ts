import Stripe from "stripe";
import type { TestCollect } from "./open-test-collect.ts";

/** What tests of subscriptions need again and again. */
export interface SubscriptionWorld {
  readonly stripe: Stripe;
  /** A recurring price of a product of its own. */
  price(minor: number, recurring?: Stripe.PriceCreateParams.Recurring): Promise<string>;
  /** A customer whose card is `card`, or who has none. */
  customer(card?: string): Promise<string>;
  /** Subscribes a new customer with a card to one price. */
  subscribe(
    price: string,
    terms?: Partial<Stripe.SubscriptionCreateParams> & { readonly card?: string | undefined },
  ): Promise<Stripe.Subscription>;
  /** Every invoice of a customer, oldest first, one line each. */
  invoices(customer: string): Promise<string[]>;
  /** Lines of the newest invoice of a customer: description and amount. */
  newestLines(customer: string): Promise<string[]>;
  /** Types of the events about these objects, in order. */
  events(...ids: readonly string[]): Promise<string[]>;
  /** Status, code and parameter of a refused call. */
  refusal(call: Promise<unknown>): Promise<string>;
}

let names = 0;

export function subscriptionWorld({ stripe }: TestCollect): SubscriptionWorld {
  const listOf = async (customer: string) => {
    const found: Stripe.Invoice[] = [];
    for await (const invoice of stripe.invoices.list({ customer, limit: 100 })) {
      found.unshift(invoice);
    }
    return found;
  };
  const world: SubscriptionWorld = {
    stripe,
    async price(minor, recurring = { interval: "month" }) {
      names += 1;
      const price = await stripe.prices.create({
        currency: "usd",
        unit_amount: minor,
        recurring,
        product_data: { name: `Plan ${names}` },
      });
      return price.id;
    },
    async customer(card) {
      const customer = await stripe.customers.create({ name: "Amy", email: "amy@example.com" });
      if (card !== undefined) {
        const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
        await stripe.customers.update(customer.id, {
          invoice_settings: { default_payment_method: method.id },
        });
      }
      return customer.id;
    },
    async subscribe(price, { card = "pm_card_visa", ...terms } = {}) {
      const customer = terms.customer ?? (await world.customer(card));
      return stripe.subscriptions.create({ items: [{ price }], ...terms, customer });
    },
    async invoices(customer) {
      return (await listOf(customer)).map(
        ({ billing_reason: reason, status, total }) => `${reason} ${status} ${total}`,
      );
    },
    async newestLines(customer) {
      const newest = (await listOf(customer)).at(-1);
      return (newest?.lines.data ?? []).map(({ description, amount }) =>
        `${description}: ${amount}`.replace(/Plan \d+/, "Plan"),
      );
    },
    async events(...ids) {
      const found: Stripe.Event[] = [];
      for await (const event of stripe.events.list({ limit: 100 })) found.unshift(event);
      return found
        .filter((event) => ids.includes(String(Reflect.get(event.data.object, "id"))))
        .map((event) => event.type);
    },
    refusal: (call) =>
      call.then(
        () => "accepted",
        (error: unknown) =>
          error instanceof Stripe.errors.StripeError
            ? `${error.statusCode} ${error.code} ${error.param ?? ""}`.trim()
            : String(error),
      ),
  };
  return world;
}

/** Unix seconds of an instant. */
export const unix = (at: string): number => Date.parse(at) / 1000;
