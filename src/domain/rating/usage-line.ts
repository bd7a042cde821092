import type { OpenLine } from "../commits/apply-commits.ts";
import type { TraceStep } from "../invoices/trace.ts";
import { groupValuesKey, type KeyedGroupValues } from "../metering/group-values.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { Charge, ChargeKind } from "../pricing/charge.ts";
import type { ListPrice } from "../pricing/list-price.ts";
import type { Product, ProductVersion } from "../pricing/product.ts";
import { instantText } from "../time.ts";
import type { WindowQuantity } from "./window-quantities.ts";

/** What a line says of its product. */
export interface LineProduct {
  readonly product: Product;
  readonly version: ProductVersion;
  readonly groups: LineGroups;
}

/** What a line's product is priced and shown by, with the keys of both: many ask for them. */
export interface LineGroups {
  readonly pricing: GroupValues;
  readonly presentation: GroupValues;
  readonly pricingKey: string;
  readonly presentationKey: string;
}

/** What a line is priced in, what is listed for it, and how its price came about. */
interface LinePrice {
  readonly creditTypeId: string;
  readonly listPrice: ListPrice;
  readonly steps: readonly TraceStep[];
}

export const toLineGroups = (
  pricing: KeyedGroupValues,
  presentation: KeyedGroupValues,
): LineGroups => ({
  pricing: pricing.values,
  presentation: presentation.values,
  pricingKey: pricing.key,
  presentationKey: presentation.key,
});

const NO_VALUES: KeyedGroupValues = { values: {}, key: groupValuesKey({}) };
export const NO_GROUPS: LineGroups = toLineGroups(NO_VALUES, NO_VALUES);

/** A charge of one window as an invoice line that nobody has paid for yet. */
export function toUsageLine(
  { product, version, groups }: LineProduct,
  { creditTypeId, listPrice, steps }: LinePrice,
  charge: Charge,
  { window, trace }: WindowQuantity,
): OpenLine {
  const { quantity, unitPrice, amount, tier } = charge;
  const line: OpenLine["line"] = {
    lineKey: lineKeyOf(product.id, groups, window.start, charge),
    type: "usage",
    name: version.name,
    creditTypeId,
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
    subscription: null,
    scheduleItemId: null,
    listPrice,
    trace: [...trace, ...steps, ...charge.trace],
  };
  return { line, window, quantity, unitPrice };
}

/** The end of the window is no part of it: a contract that ends earlier keeps its lines' keys. */
const lineKeyOf = (
  productId: string,
  { pricingKey, presentationKey }: LineGroups,
  start: Parameters<typeof instantText>[0],
  { kind, tier }: Charge,
): string =>
  `usage/${productId}/${pricingKey}/${presentationKey}/${instantText(start)}/${
    tier === null ? "flat" : `tier ${tier.level}`
  }${KEY_ENDING[kind]}`;

const KEY_ENDING = {
  USE: "",
  TIER_FEE: "/fee",
  BEYOND_MAXIMUM: "/beyond maximum",
  FEE_BEYOND_MAXIMUM: "/fee/beyond maximum",
  MINIMUM: "/minimum",
} as const satisfies Record<ChargeKind, string>;

const orNull = (values: GroupValues): GroupValues | null =>
  Object.keys(values).length === 0 ? null : values;
