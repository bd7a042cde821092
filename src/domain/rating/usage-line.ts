import type { OpenLine } from "../commits/apply-commits.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { TraceStep } from "../invoices/trace.ts";
import { groupValuesKey } from "../metering/group-values.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { Charge } from "../pricing/charge.ts";
import type { Product, ProductVersion } from "../pricing/product.ts";
import type { Rate } from "../pricing/rate.ts";
import { instantText } from "../time.ts";
import type { WindowQuantity } from "./window-quantities.ts";

interface LineProduct {
  readonly product: Product;
  readonly version: ProductVersion;
  readonly groups: { readonly pricing: GroupValues; readonly presentation: GroupValues };
}

/** A charge of one window as an invoice line that nobody has paid for yet. */
export function toUsageLine(
  { product, version, groups }: LineProduct,
  rate: Rate,
  charge: Charge,
  { window, trace }: WindowQuantity,
): Omit<OpenLine, "position"> {
  const { quantity, unitPrice, amount, tier } = charge;
  const line: InvoiceLine = {
    lineKey: lineKeyOf(product.id, groups, window.start, tier?.level),
    type: "usage",
    name: version.name,
    creditTypeId: rate.creditTypeId,
    total: amount,
    quantity,
    unitPrice,
    productId: product.id,
    productType: product.type,
    productTags: version.tags,
    startingAt: window.start,
    endingBefore: window.end,
    pricingGroupValues: orNull(groups.pricing),
    presentationGroupValues: orNull(groups.presentation),
    tier,
    commit: null,
    purchasedCommitId: null,
    scheduledChargeId: null,
    scheduleItemId: null,
    trace: [...trace, ...priceTrace(rate, charge)],
  };
  return { line, window: { start: window.start, end: window.end }, quantity, unitPrice };
}

/** The end of the window is no part of it: a contract that ends earlier keeps its lines' keys. */
const lineKeyOf = (
  productId: string,
  { pricing, presentation }: LineProduct["groups"],
  start: Parameters<typeof instantText>[0],
  level: number | undefined,
): string =>
  [
    "usage",
    productId,
    groupValuesKey(pricing),
    groupValuesKey(presentation),
    instantText(start),
    level === undefined ? "flat" : `tier ${level}`,
  ].join("/");

const orNull = (values: GroupValues): GroupValues | null =>
  Object.keys(values).length === 0 ? null : values;

function priceTrace(rate: Rate, charge: Charge): TraceStep[] {
  const { tier, quantity, unitPrice, amount, quantityBefore, quantityAfter } = charge;
  const steps: TraceStep[] = [
    { step: "rate", rateId: rate.id, rateType: rate.type, rateStartingAt: rate.startingAt },
  ];
  if (tier !== null) steps.push({ step: "tier", ...tier, quantityBefore, quantityAfter });
  return [...steps, { step: "price", quantity, unitPrice, amount }];
}
