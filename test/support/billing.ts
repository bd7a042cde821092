import type Metronome from "@metronome/sdk";

type Contracts = Metronome["v1"]["contracts"];
export type NewContract = Omit<Parameters<Contracts["create"]>[0], "customer_id" | "rate_card_id">;
export type Invoice = Metronome.V1.Customers.Invoice;

type Aggregation = Metronome.V1.BillableMetricCreateParams["aggregation_type"];

/** A usage product with the metric it counts by: the sum, or what is given, of `value` over events of its name. */
export async function createUsageProduct(
  metronome: Metronome,
  name: string,
  aggregation: Aggregation = "SUM",
): Promise<string> {
  const { data: metric } = await metronome.v1.billableMetrics.create({
    name,
    aggregation_type: aggregation,
    ...(aggregation === "COUNT" ? {} : { aggregation_key: "value" }),
    event_type_filter: { in_values: [name] },
    property_filters: [{ name: "value", exists: true }],
  });
  const { data: product } = await metronome.v1.contracts.products.create({
    name,
    type: "USAGE",
    billable_metric_id: metric.id,
  });
  return product.id;
}

export async function createFixedProduct(metronome: Metronome, name: string): Promise<string> {
  const { data } = await metronome.v1.contracts.products.create({ name, type: "FIXED" });
  return data.id;
}

/** A card with one flat price in cents for each product, in this order. */
export async function createRateCard(
  metronome: Metronome,
  prices: readonly (readonly [productId: string, priceCents: number])[],
  startingAt = "2020-01-01T00:00:00Z",
): Promise<string> {
  const { data } = await metronome.v1.contracts.rateCards.create({ name: "List prices" });
  for (const [productId, price] of prices) {
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: data.id,
      product_id: productId,
      starting_at: startingAt,
      entitled: true,
      rate_type: "FLAT",
      price,
    });
  }
  return data.id;
}

export async function createCustomer(metronome: Metronome, name = "Acme"): Promise<string> {
  const { data } = await metronome.v1.customers.create({ name });
  return data.id;
}

export async function createContract(
  metronome: Metronome,
  customerId: string,
  rateCardId: string,
  terms: NewContract,
): Promise<string> {
  const { data } = await metronome.v1.contracts.create({
    customer_id: customerId,
    rate_card_id: rateCardId,
    ...terms,
  });
  return data.id;
}

let sent = 0;

/** One event of `value` units of the product named `type`. */
export async function use(
  metronome: Metronome,
  customerId: string,
  type: string,
  timestamp: string,
  value: number | string,
): Promise<void> {
  sent += 1;
  await metronome.v1.usage.ingest({
    usage: [
      {
        transaction_id: `test-${sent}`,
        customer_id: customerId,
        event_type: type,
        timestamp,
        properties: { value },
      },
    ],
  });
}

/** Every invoice of the customer, oldest first, through all pages. */
export async function listInvoices(
  metronome: Metronome,
  customerId: string,
  query: Record<string, unknown> = {},
): Promise<Invoice[]> {
  const invoices: Invoice[] = [];
  for await (const invoice of metronome.v1.customers.invoices.list({
    customer_id: customerId,
    ...query,
  })) {
    invoices.push(invoice);
  }
  return invoices;
}

/** A line in one row: name, quantity x price = total. */
export function showLine(line: Invoice["line_items"][number]): string {
  const { name, quantity, unit_price: price, total } = line;
  return quantity === undefined
    ? `${name} = ${total}`
    : `${name}: ${quantity} x ${price} = ${total}`;
}
