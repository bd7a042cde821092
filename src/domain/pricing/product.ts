import type { Decimal } from "../decimal.ts";
import type { Instant } from "../time.ts";

export type ProductType = "USAGE" | "FIXED" | "SUBSCRIPTION" | "COMPOSITE";

export type RoundingMethod = "ROUND_UP" | "ROUND_DOWN" | "ROUND_HALF_UP";

export interface QuantityConversion {
  readonly operation: "MULTIPLY" | "DIVIDE";
  readonly factor: Decimal;
}

export interface QuantityRounding {
  readonly method: RoundingMethod;
  /** Decimals kept, 0 or more. */
  readonly decimalPlaces: number;
}

/** What a product is from `startingAt` (inclusive, on the hour) until its next version. */
export interface ProductVersion {
  readonly startingAt: Instant;
  readonly name: string;
  readonly tags: readonly string[];
  /** null for products without usage. */
  readonly metricId: string | null;
  readonly quantityConversion: QuantityConversion | null;
  readonly quantityRounding: QuantityRounding | null;
  /** Properties that select the rate. Empty: the product has one price. */
  readonly pricingGroupKey: readonly string[];
  /** Properties that only split the lines. */
  readonly presentationGroupKey: readonly string[];
  /** COMPOSITE: the usage products whose cost it is a percentage of, by id or by any of these tags. */
  readonly compositeProductIds?: readonly string[];
  readonly compositeTags?: readonly string[];
  /** COMPOSITE: products that cost 0 do not count; when nothing is left, nothing is charged. */
  readonly excludeFreeUsage?: boolean;
}

/** A product and its dated versions, in any order; the earliest one also serves the time before it. */
export interface Product {
  readonly id: string;
  readonly type: ProductType;
  readonly versions: readonly ProductVersion[];
}
