import type { OpenLine } from "../commits/apply-commits.ts";
import type { BurningSegment } from "../commits/purse.ts";
import type { Contract } from "../contracts/contract.ts";
import type { UnpricedUsage } from "../invoices/invoice.ts";
import type { UsageIndex } from "../metering/usage-index.ts";
import type { Instant, Interval } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import { compositeLines } from "./composite-lines.ts";
import type { StatedQuantity } from "./stated-quantity.ts";
import { type UsageLines, usageLines } from "./usage-lines.ts";
import { windowEdges } from "./window-edges.ts";

interface Metering {
  readonly catalog: Catalog;
  readonly usage: UsageIndex;
  readonly now: Instant;
}

/** A billing period, with what was stated for it in place of what was metered; null: nothing was. */
interface UsagePeriod {
  readonly period: Interval;
  readonly stated: readonly StatedQuantity[] | null;
  readonly courseAt: readonly Instant[] | null;
}

/**
 * The lines of a contract's billing period that depend on usage, before commits, in the order of the
 * rate card. Composites are rated last, since they are a percentage of the others.
 */
export function meteredLines(
  { catalog, usage, now }: Metering,
  contract: Contract,
  { period, stated, courseAt }: UsagePeriod,
  purse: readonly BurningSegment[],
): { open: OpenLine[]; unpriced: UnpricedUsage[] } {
  const contextOf = (priced: UsageProduct) => {
    const edges = windowEdges(catalog, contract, purse, priced, period);
    const { conventions } = catalog;
    return { catalog, conventions, usage, stated, priced, period, now, edges, courseAt };
  };
  const byProduct = new Map<string, UsageLines["lines"]>();
  const unpriced: UnpricedUsage[] = [];
  for (const priced of catalog.usageProducts(contract)) {
    const rated = usageLines(contextOf(priced));
    byProduct.set(priced.product.id, rated.lines);
    unpriced.push(...rated.unpriced);
  }
  const used = [...byProduct.values()].flat();
  for (const priced of catalog.compositeProducts(contract)) {
    byProduct.set(priced.product.id, compositeLines(contextOf(priced), used));
  }
  const open = catalog
    .pricedProducts(contract)
    .flatMap(({ product }) => byProduct.get(product.id) ?? []);
  return { open, unpriced };
}

type UsageProduct = ReturnType<Catalog["usageProducts"]>[number];
