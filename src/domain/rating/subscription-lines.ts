import type { OpenLine } from "../commits/apply-commits.ts";
import type { Contract } from "../contracts/contract.ts";
import type { UnpricedUsage } from "../invoices/invoice.ts";
import { NO_LINE_DETAILS } from "../invoices/line.ts";
import type { AgreedRate } from "../overrides/agreed-rate.ts";
import { toListPrice } from "../pricing/list-price.ts";
import type { Product } from "../pricing/product.ts";
import type { FlatRate, Rate } from "../pricing/rate.ts";
import { versionAt } from "../pricing/version-runs.ts";
import { chargesOnInvoice, type InvoicePlace } from "../subscriptions/invoice-placement.ts";
import { priceCharge } from "../subscriptions/price-charge.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionCharge } from "../subscriptions/subscription-charges.ts";
import { subscriptionRates } from "../subscriptions/subscription-rates.ts";
import { type Instant, instantText } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import { rateSteps } from "./rate-steps.ts";
import type { PlannedInvoice } from "./request-order.ts";

export interface SubscriptionLines {
  readonly lines: readonly OpenLine[];
  /** Charges for whose period the card has no rate; they are on no line. */
  readonly unpriced: readonly UnpricedUsage[];
}

/**
 * The subscription lines of one invoice, before commits: in rate-card order, then by subscription,
 * then by time. A charge has one price: what the card lists, and the contract's overrides make
 * of it, when its billing period or, in the first one, the subscription begins.
 */
export function subscriptionLines(
  catalog: Catalog,
  contract: Contract,
  invoice: Pick<PlannedInvoice, "period" | "dueAt">,
): SubscriptionLines {
  if (contract.rateCardId === null) return { lines: [], unpriced: [] };
  const place = placeOf(invoice);
  const { rates, productOrder } = catalog.getRateCard(contract.rateCardId);
  const lines: OpenLine[] = [];
  const unpriced: UnpricedUsage[] = [];
  for (const subscription of inCardOrder(contract.subscriptions, productOrder)) {
    const product = catalog.getProduct(subscription.productId);
    const rateAt = subscriptionRates({ contract, product, rates }, subscription);
    for (const charge of chargesOnInvoice(contract, subscription, place)) {
      const agreed = rateAt(rateInstant(subscription, charge));
      if (agreed === undefined) unpriced.push(toUnpriced(subscription, charge));
      else if (agreed.rate.entitled)
        lines.push(toLine(catalog, product, subscription, charge, agreed));
    }
  }
  return { lines, unpriced };
}

const placeOf = ({ period, dueAt }: Pick<PlannedInvoice, "period" | "dueAt">): InvoicePlace =>
  period === null ? { type: "SCHEDULED", at: dueAt } : { type: "USAGE", period };

function inCardOrder(
  subscriptions: readonly Subscription[],
  productOrder: readonly string[],
): Subscription[] {
  const places = new Map(productOrder.map((id, place) => [id, place]));
  const placeOf = ({ productId }: Subscription) => places.get(productId) ?? productOrder.length;
  return [...subscriptions].sort((a, b) => placeOf(a) - placeOf(b) || (a.id < b.id ? -1 : 1));
}

/** One price for a whole billing period, increases included. */
const rateInstant = ({ startingAt }: Subscription, { whole }: SubscriptionCharge): Instant =>
  startingAt.epochMilliseconds > whole.start.epochMilliseconds ? startingAt : whole.start;

function flatOnly(rate: Rate): FlatRate {
  if (rate.type === "FLAT") return rate;
  throw new RangeError(`Rate ${rate.id} of a subscription product is not flat`);
}

function toLine(
  { conventions }: Catalog,
  product: Product,
  subscription: Subscription,
  charge: SubscriptionCharge,
  agreed: AgreedRate,
): OpenLine {
  const { id, window, quantity } = charge;
  const rate = flatOnly(agreed.rate);
  const version = versionAt(product, window.start);
  const { isProrated, unitPrice, total, steps } = priceCharge(
    subscription,
    charge,
    rate.price,
    conventions.prorationBasis,
  );
  const line: OpenLine["line"] = {
    ...NO_LINE_DETAILS,
    lineKey: `subscription/${subscription.id}/${instantText(window.start)}/${id}`,
    type: "subscription",
    name: subscription.name ?? version.name,
    creditTypeId: rate.creditTypeId,
    total,
    quantity,
    unitPrice,
    productId: product.id,
    productType: product.type,
    productTags: version.tags,
    startingAt: window.start,
    endingBefore: window.end,
    subscription: { id: subscription.id, isProrated },
    scheduleItemId: id,
    listPrice: toListPrice(agreed.listedRate),
    trace: [
      ...rateSteps(rate, agreed),
      ...steps,
      { step: "price", quantity, unitPrice, amount: total },
    ],
  };
  return { line, window: firstHour(window.start), quantity, unitPrice };
}

/**
 * A charge cannot be divided in time as usage can: a commit may pay for all of it when it is open as
 * the service begins. Hours are the finest grain of access windows.
 */
const firstHour = (start: Instant) => ({ start, end: start.add({ hours: 1 }) });

const toUnpriced = (
  { productId }: Subscription,
  { window, quantity }: SubscriptionCharge,
): UnpricedUsage => ({
  productId,
  pricingGroupValues: {},
  startingAt: window.start,
  endingBefore: window.end,
  quantity,
});
