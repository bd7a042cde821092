import type { OpenLine } from "../commits/apply-commits.ts";
import { type Decimal, sum, ZERO } from "../decimal.ts";
import { type Course, pointAt, readingsIn, toLineCourse } from "../invoices/course.ts";
import { agreedWindows } from "../overrides/agreed-windows.ts";
import { cutAt, priceWindows } from "../pricing/price-windows.ts";
import type { Product, ProductVersion } from "../pricing/product.ts";
import type { Rate } from "../pricing/rate.ts";
import { rateEdges } from "../pricing/rate-in-force.ts";
import { versionRuns } from "../pricing/version-runs.ts";
import { type Instant, type Interval, isAfter, isBefore, sameInstant } from "../time.ts";
import type { PricedProduct } from "./catalog.ts";
import { chargeLines, type RatedWindow } from "./charge-lines.ts";
import type { RatedPeriod } from "./limit-charges.ts";
import { NO_GROUPS } from "./usage-line.ts";

/**
 * The lines of a COMPOSITE product in one billing period: in each window the fraction that its rate
 * states of what its products cost there, before commits and credits. The quantity of a line is that
 * cost. `usage` are the lines of the contract's usage products, cut at `compositeEdges`.
 *
 * A percentage of an amount is in the credit type of the amount: products that are priced in a custom
 * pricing unit have lines of their own. The limits of the rate are in the card's currency, and hold
 * for what is.
 */
export function compositeLines(context: RatedPeriod, usage: readonly OpenLine[]): OpenLine[] {
  const { creditTypeId } = [...context.priced.rates.values()].flat()[0] ?? {};
  const byCreditType = Map.groupBy(usage, ({ line }) => line.creditTypeId);
  const inFiat = usage.filter(({ line }) => line.creditTypeId === creditTypeId);
  const units = [...byCreditType].filter(([id]) => id !== creditTypeId);
  return [
    ...linesIn(context, inFiat, (rate) => rate),
    ...units
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([unitId, lines]) =>
        linesIn(context, lines, (rate) => inUnit(rate, unitId))
          .filter(({ quantity }) => !quantity.eq(ZERO))
          .map((open) => withKey(open, `${open.line.lineKey}/in ${unitId}`)),
      ),
  ];
}

const withKey = (open: OpenLine, lineKey: string): OpenLine => ({
  ...open,
  line: { ...open.line, lineKey },
});

function inUnit(rate: Rate, creditTypeId: string): Rate {
  const { minimum: _min, maximum: _max, ...unlimited } = rate;
  return { ...unlimited, creditTypeId };
}

/** The lines on `usage`, which is in one credit type. */
function linesIn(
  context: RatedPeriod,
  usage: readonly OpenLine[],
  toOwnRate: (rate: Rate) => Rate,
): OpenLine[] {
  const { priced, period, now, edges, courseAt } = context;
  const { product, rates } = priced;
  const windows: RatedWindow[] = [];
  let running = ZERO;
  for (const run of versionRuns(product, period)) {
    const part = usage.filter((line) => isPartOf(run.version, line.line));
    const dated = rates.get(NO_GROUPS.pricingKey) ?? [];
    const composite = { productId: product.id, productTags: run.version.tags, ...NO_GROUPS };
    const agreedOn = agreedWindows(priceWindows(dated, run), priced.overrides, composite);
    for (const { rate, agreed, ...priceWindow } of agreedOn) {
      if (rate === undefined || !rate.entitled) continue;
      for (const window of cutAt(priceWindow, edges)) {
        const counted = countedIn(window, part, run.version);
        const spent = spendIn(counted, run.version);
        if (spent === undefined) continue;
        if (spent.amount.eq(ZERO) && isAfter(window.start, now)) continue;
        const [before, after] = [running, running.plus(spent.amount)];
        running = after;
        const { productIds } = spent;
        const trace = [
          { step: "spend", productIds, spendBefore: before, spendAfter: after },
        ] as const;
        const quantity = {
          window,
          before,
          after,
          isUsed: true,
          trace,
          ...(courseAt === null ? {} : { course: spendCourse(window, courseAt, counted, before) }),
        };
        const lineProduct = { product, version: run.version, groups: NO_GROUPS };
        windows.push({
          product: lineProduct,
          rate: toOwnRate(rate),
          agreed,
          quantity,
          periodQuantity: after,
          owesFirstFee: false,
        });
      }
    }
  }
  return chargeLines(context, windows);
}

/** A product that counts in a window, with its lines there and what they cost. */
interface CountedProduct {
  readonly productId: string;
  readonly lines: readonly OpenLine[];
  readonly amount: Decimal;
}

function countedIn(
  window: Interval,
  lines: readonly OpenLine[],
  { excludeFreeUsage = false }: ProductVersion,
): CountedProduct[] {
  const inside = lines.filter(
    (line) => !isBefore(line.window.start, window.start) && isBefore(line.window.start, window.end),
  );
  return [...Map.groupBy(inside, ({ line }) => line.productId)]
    .map(([productId, own]) => ({
      productId,
      lines: own,
      amount: sum(own.map(({ line }) => line.total)),
    }))
    .filter(({ amount }) => !(excludeFreeUsage && amount.eq(ZERO)));
}

/** What the products cost in a window; undefined: nothing that counts. */
function spendIn(
  counted: readonly CountedProduct[],
  { excludeFreeUsage = false }: ProductVersion,
): { amount: Decimal; productIds: readonly string[] } | undefined {
  if (excludeFreeUsage && counted.length === 0) return undefined;
  return {
    amount: sum(counted.map(({ amount }) => amount)),
    productIds: counted.map(({ productId }) => productId).sort(),
  };
}

/**
 * The running spend, from what it was `before` the window. A line without usage may reach beyond the
 * window; at its end all that counts is spent.
 */
function spendCourse(
  window: Interval,
  courseAt: readonly Instant[],
  counted: readonly CountedProduct[],
  before: Decimal,
): Course {
  const courses = counted.flatMap(({ lines }) =>
    lines.map(({ line, course = [] }) => toLineCourse(line, course)),
  );
  const spent = sum(counted.map(({ amount }) => amount));
  return readingsIn(window, courseAt).map((at) => {
    const atMs = at.epochMilliseconds;
    const byThen = sameInstant(at, window.end)
      ? spent
      : sum(courses.map((course) => pointAt(course, atMs).amount));
    return { atMs, quantity: before.plus(byThen) };
  });
}

interface TaggedProduct {
  readonly productId: string;
  readonly productTags: readonly string[];
}

const isPartOf = (composite: ProductVersion, { productId, productTags }: TaggedProduct): boolean =>
  (composite.compositeProductIds?.includes(productId) ?? false) ||
  (composite.compositeTags?.some((tag) => productTags.includes(tag)) ?? false);

/**
 * Where a composite wants the windows of a product cut, so that each line of it lies in one window
 * of the composite; nowhere when the product is no part of it. `own` are the composite's own edges.
 */
export function compositeEdges(
  { product: composite, rates }: PricedProduct,
  own: readonly Instant[],
  product: Product,
  period: Interval,
): Instant[] {
  const productTags = versionRuns(product, period).flatMap(({ version }) => version.tags);
  const runs = versionRuns(composite, period);
  const part = { productId: product.id, productTags };
  if (!runs.some(({ version }) => isPartOf(version, part))) return [];
  const allRates = [...rates.values()].flat();
  return [...runs.map(({ start }) => start), ...rateEdges(allRates, period), ...own];
}
