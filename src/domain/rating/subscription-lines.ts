import type { OpenLine } from "../commits/apply-commits.ts";
import type { Contract } from "../contracts/contract.ts";
import type { UnpricedUsage } from "../invoices/invoice.ts";
import type { TraceStep } from "../invoices/trace.ts";
import type { FlatRate, Rate } from "../pricing/rate.ts";
import { rateInForce } from "../pricing/rate-in-force.ts";
import { versionAt } from "../pricing/version-runs.ts";
import { chargesOnInvoice, type InvoicePlace } from "../subscriptions/invoice-placement.ts";
import { isPartial, prorate, shareOf } from "../subscriptions/proration.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionCharge } from "../subscriptions/subscription-charges.ts";
import { type Instant, instantText } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import type { PlannedInvoice } from "./request-order.ts";

export interface SubscriptionLines {
  readonly lines: readonly OpenLine[];
  /** Charges for whose period the card has no rate; they are on no line. */
  readonly unpriced: readonly UnpricedUsage[];
}

/**
 * The subscription lines of one invoice, before commits: in rate-card order, then by subscription,
 * then by time. A charge has one rate, the one in force when its billing period or, in the first
 * one, the subscription begins.
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
    const dated = rates.filter(
      ({ productId, billingFrequency }) =>
        productId === subscription.productId && billingFrequency === subscription.billingFrequency,
    );
    for (const charge of chargesOnInvoice(contract, subscription, place)) {
      const rate = rateInForce(dated, rateInstant(subscription, charge));
      if (rate === undefined) unpriced.push(toUnpriced(subscription, charge));
      else if (rate.entitled) lines.push(toLine(catalog, subscription, charge, flatOnly(rate)));
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
  catalog: Catalog,
  subscription: Subscription,
  charge: SubscriptionCharge,
  rate: FlatRate,
): OpenLine {
  const { id, whole, window, quantity } = charge;
  const product = catalog.getProduct(subscription.productId);
  const version = versionAt(product, window.start);
  const basis = catalog.conventions.prorationBasis;
  const share = shareOf(window, whole, basis);
  const isProrated = subscription.isProrated && isPartial(share);
  const unitPrice = isProrated ? prorate(rate.price, share) : rate.price;
  // The price of all units is divided once: three thirds make a whole.
  const full = rate.price.times(quantity);
  const total = isProrated ? prorate(full, share) : full;
  const proration: TraceStep = {
    step: "proration",
    startingAt: window.start,
    endingBefore: window.end,
    periodStart: whole.start,
    periodEnd: whole.end,
    basis,
    ...share,
    price: rate.price,
    unitPrice,
  };
  const line: OpenLine["line"] = {
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
    pricingGroupValues: null,
    presentationGroupValues: null,
    tier: null,
    commit: null,
    purchasedCommitId: null,
    scheduledChargeId: null,
    subscription: { id: subscription.id, isProrated },
    scheduleItemId: id,
    trace: [
      { step: "rate", rateId: rate.id, rateType: rate.type, rateStartingAt: rate.startingAt },
      ...(isProrated ? [proration] : []),
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
