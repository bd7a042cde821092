import type { Conventions } from "../conventions.ts";
import { type Decimal, sum } from "../decimal.ts";
import type { Course } from "../invoices/course.ts";
import { groupValuesKey } from "../metering/group-values.ts";
import type { Charge } from "../pricing/charge.ts";
import { capCharges, toShortfall } from "../pricing/limits.ts";
import { cutAt, priceWindows } from "../pricing/price-windows.ts";
import type { Rate } from "../pricing/rate.ts";
import { prorate, shareOfAll } from "../subscriptions/proration.ts";
import { type Instant, type Interval, isAfter } from "../time.ts";
import type { PricedProduct } from "./catalog.ts";
import { shortfallCourse, splitCharge } from "./charge-courses.ts";
import type { RatedWindow } from "./charge-lines.ts";
import { NO_GROUPS } from "./usage-line.ts";

/** A charge and the window it is for. */
export interface RatedCharge {
  readonly source: RatedWindow;
  readonly charge: Charge;
  /** Of its quantity; absent: nobody asked for it. */
  readonly course?: Course;
}

/** What the limits of a product's rates depend on. */
export interface RatedPeriod {
  readonly conventions: Conventions;
  readonly priced: PricedProduct;
  readonly period: Interval;
  readonly now: Instant;
  readonly edges: readonly Instant[];
  /** Where the courses of lines are read; null: nobody asks for them. */
  readonly courseAt: readonly Instant[] | null;
}

/**
 * Holds the charges of each rate to its maximum and lifts them to its minimum. A limit counts for
 * everything that one rate charges in one billing period, whatever presentation groups and windows
 * split it into. A rate that is in force for a part of the period has that part of its limits, always by
 * length of time: prices change on the hour, and a maximum of no days would make usage free.
 */
export function limitCharges(
  period: RatedPeriod,
  charges: readonly RatedCharge[],
): readonly RatedCharge[] {
  if (charges.every(({ source }) => !isLimited(source.rate))) return charges;
  const byRate = Map.groupBy(charges, ({ source }) => source.rate.id);
  const replaced = new Map<RatedCharge, readonly RatedCharge[]>();
  const lifted = [...byRate.values()].flatMap((own) => limitRate(period, own, replaced));
  return [...charges.flatMap((charge) => replaced.get(charge) ?? [charge]), ...lifted];
}

const isLimited = ({ minimum, maximum }: Rate): boolean =>
  minimum !== undefined || maximum !== undefined;

/** Notes what the maximum makes of each charge in `replaced`; answers what the minimum adds. */
function limitRate(
  { priced, period, now, edges }: RatedPeriod,
  charges: readonly RatedCharge[],
  replaced: Map<RatedCharge, readonly RatedCharge[]>,
): RatedCharge[] {
  const [first] = charges;
  if (first === undefined || !isLimited(first.source.rate)) return [];
  const { rate, product } = first.source;
  const dated = priced.rates.get(groupValuesKey(rate.pricingGroupValues)) ?? [];
  const inForce = priceWindows(dated, period).filter((window) => window.rate?.id === rate.id);
  const partInForce = shareOfAll(inForce, period, "time");
  const share = (limit: Decimal) => prorate(limit, partInForce);
  let spent = sum(charges.map(({ charge }) => charge.amount));
  if (rate.maximum !== undefined) {
    const inTime = [...charges].sort((a, b) => startMs(a) - startMs(b));
    const capped = capCharges(
      inTime.map(({ charge }) => charge),
      share(rate.maximum),
    );
    for (const [n, entry] of inTime.entries()) {
      const parts = capped[n] ?? [entry.charge];
      replaced.set(entry, splitCharge(entry, parts));
    }
    spent = sum(capped.flat().map(({ amount }) => amount));
  }
  if (rate.minimum === undefined) return [];
  const begun = inForce
    .flatMap((window) => cutAt(window, edges))
    .filter(({ start }) => !isAfter(start, now));
  const window = begun.at(-1) ?? first.source.quantity.window;
  const { pricing, pricingKey } = product.groups;
  const groups = { ...NO_GROUPS, pricing, pricingKey };
  const source: RatedWindow = {
    ...first.source,
    product: { ...product, groups },
    quantity: { ...first.source.quantity, window, trace: [] },
  };
  const course = shortfallCourse(window, now);
  return toShortfall(share(rate.minimum), spent).map((charge) => ({ source, charge, course }));
}

const startMs = ({ source }: RatedCharge): number => source.quantity.window.start.epochMilliseconds;
