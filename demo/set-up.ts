import { instant, instantText } from "../src/domain/time.ts";
import type { RunningProduct } from "./product.ts";
import type { DemoCustomer, DemoProduct, Scenario } from "./scenario.ts";

/** Ids of what was set up, by name. */
export interface SetUp {
  readonly customers: ReadonlyMap<string, string>;
  readonly products: ReadonlyMap<string, string>;
}

const EVENT_TYPE = "usage";

async function createProduct({ metronome }: RunningProduct, product: DemoProduct): Promise<string> {
  const { name, property } = product;
  const metric = await metronome.v1.billableMetrics.create({
    name,
    event_type_filter: { in_values: [EVENT_TYPE] },
    ...(property === undefined
      ? { aggregation_type: "COUNT" as const }
      : {
          aggregation_type: "SUM" as const,
          aggregation_key: property,
          property_filters: [{ name: property, exists: true }],
        }),
  });
  const created = await metronome.v1.contracts.products.create({
    name,
    type: "USAGE",
    billable_metric_id: metric.data.id,
  });
  return created.data.id;
}

async function createRateCard(
  { metronome }: RunningProduct,
  scenario: Scenario,
  products: ReadonlyMap<string, string>,
): Promise<string> {
  const card = await metronome.v1.contracts.rateCards.create({ name: "List prices" });
  for (const { name, price } of scenario.products) {
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card.data.id,
      product_id: products.get(name) ?? "",
      starting_at: scenario.startAt,
      entitled: true,
      ...(price.type === "FLAT"
        ? { rate_type: "FLAT" as const, price: Number(price.cents) }
        : {
            rate_type: "TIERED" as const,
            tiers: [{ size: price.free, price: 0 }, { price: Number(price.cents) }],
          }),
    });
  }
  return card.data.id;
}

/** A customer of Collect with a card on file, or one who is sent invoices. */
async function createPayer(
  { stripe }: RunningProduct,
  { name, pays }: DemoCustomer,
): Promise<string> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.com`;
  const payer = await stripe.customers.create({ name, email });
  if (pays === "charge_automatically") {
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: payer.id });
    await stripe.customers.update(payer.id, {
      invoice_settings: { default_payment_method: card.id },
    });
  }
  return payer.id;
}

async function createContract(
  { metronome }: RunningProduct,
  scenario: Scenario,
  customer: DemoCustomer,
  ids: { customerId: string; rateCardId: string; fixedProductId: string },
): Promise<void> {
  const startAt = scenario.startAt;
  const periodEnd = instantText(
    instant(startAt).toZonedDateTimeISO("UTC").add({ months: 1 }).toInstant(),
  );
  const yearEnd = instantText(
    instant(startAt).toZonedDateTimeISO("UTC").add({ years: 1 }).toInstant(),
  );
  const access = (amount: number) => ({
    schedule_items: [{ amount, starting_at: startAt, ending_before: yearEnd }],
  });
  const product_id = ids.fixedProductId;
  await metronome.v1.contracts.create({
    customer_id: ids.customerId,
    rate_card_id: ids.rateCardId,
    starting_at: startAt,
    name: `${customer.name} pay as you go`,
    usage_statement_schedule: { frequency: "MONTHLY" },
    ...(customer.prepaid === undefined
      ? {}
      : {
          commits: [
            {
              product_id,
              type: "PREPAID" as const,
              name: "Prepaid usage",
              priority: 100,
              access_schedule: access(customer.prepaid.accessCents),
              invoice_schedule: {
                schedule_items: [{ amount: customer.prepaid.priceCents, timestamp: startAt }],
              },
            },
          ],
        }),
    ...(customer.creditCents === undefined
      ? {}
      : {
          credits: [
            {
              product_id,
              name: "Welcome credit",
              priority: 1,
              access_schedule: access(customer.creditCents),
            },
          ],
        }),
    ...(customer.feeCents === undefined
      ? {}
      : {
          scheduled_charges_on_usage_invoices: "ALL" as const,
          scheduled_charges: [
            {
              product_id,
              name: "Platform fee",
              schedule: { schedule_items: [{ amount: customer.feeCents, timestamp: periodEnd }] },
            },
          ],
        }),
  });
}

/** Metrics, products, prices, customers in both systems, contracts: everything before usage. */
export async function setUp(product: RunningProduct, scenario: Scenario): Promise<SetUp> {
  const products = new Map<string, string>();
  for (const sold of scenario.products) products.set(sold.name, await createProduct(product, sold));
  const rateCardId = await createRateCard(product, scenario, products);
  const fixed = await product.metronome.v1.contracts.products.create({
    name: "Agreed charges",
    type: "FIXED",
  });
  const customers = new Map<string, string>();
  for (const customer of scenario.customers) {
    const payerId = await createPayer(product, customer);
    const created = await product.metronome.v1.customers.create({
      name: customer.name,
      ingest_aliases: [customer.name],
      billing_config: {
        billing_provider_type: "stripe",
        billing_provider_customer_id: payerId,
        stripe_collection_method: customer.pays,
      },
    });
    customers.set(customer.name, created.data.id);
    const ids = { customerId: created.data.id, rateCardId, fixedProductId: fixed.data.id };
    await createContract(product, scenario, customer, ids);
  }
  return { customers, products };
}

export { EVENT_TYPE };
