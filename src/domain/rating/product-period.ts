import type { Conventions } from "../conventions.ts";
import type { UsageIndex } from "../metering/usage-index.ts";
import type { Instant, Interval } from "../time.ts";
import type { Catalog, PricedProduct } from "./catalog.ts";
import type { StatedQuantity } from "./stated-quantity.ts";

/** One product in one billing period, and what its lines depend on. */
export interface ProductPeriod {
  readonly catalog: Catalog;
  readonly conventions: Conventions;
  readonly usage: UsageIndex;
  /** What was stated in place of what was metered; null: nothing was. */
  readonly stated: readonly StatedQuantity[] | null;
  readonly priced: PricedProduct;
  readonly period: Interval;
  readonly now: Instant;
  /** Where others want the product's windows cut, see windowEdges. */
  readonly edges: readonly Instant[];
  /** Where the courses of lines are read; null: nobody asks for them. */
  readonly courseAt: readonly Instant[] | null;
}
