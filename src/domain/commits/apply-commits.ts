import { type Decimal, divide, isPositive, isZero, min } from "../decimal.ts";
import type { Course } from "../invoices/course.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { Interval } from "../time.ts";
import { coversLine, coversProduct, coversWindow } from "./applicability.ts";
import type { Commit } from "./commit.ts";
import { type CoveredPart, coverPart, type PricedLine, toRemainder } from "./cover-part.ts";
import { type PricedSlice, payOwnPrice } from "./pay-own-price.ts";
import { openPayers, type Payers, payersOf } from "./payers.ts";
import type { BurningSegment } from "./purse.ts";

/** A usage line before commits, with what deciding who pays for it needs. */
export interface OpenLine {
  readonly line: PricedLine;
  readonly window: Interval;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** The last `quantity` of the line at the price of a commit; undefined: it pays the line's. */
  readonly priceFor?: (commit: Commit, quantity: Decimal) => readonly PricedSlice[] | undefined;
  /** Of its quantity; absent: nobody asked for it. Who pays does not depend on it. */
  readonly course?: Course;
}

/** An open line after commits: the parts that segments paid for, and what is left to pay. */
export interface SettledLine {
  readonly source: OpenLine;
  readonly covered: readonly CoveredPart[];
  /** null: everything is covered. */
  readonly remainder: InvoiceLine | null;
}

/**
 * Lets the segments pay for the lines; `purse` is in burn order and is drawn down in place.
 *
 * Lines are served in the order of `inBurnTurn`; nobody looks ahead to negative lines. A line that
 * is covered in part is split: the burned amount is fixed first, its quantity is amount / price (12
 * decimals), and the remainder gets the rest, so that both parts add up exactly. A commit with a
 * price of its own takes as much of the quantity as it can pay at that price. What costs nothing
 * without commits is not offered to them. The answer is in the order of the lines.
 */
export function applyCommits(
  lines: readonly OpenLine[],
  purse: readonly BurningSegment[],
): SettledLine[] {
  const candidates = new Map<string, Payers>();
  const settled: SettledLine[] = new Array(lines.length);
  for (const { line, place } of inBurnTurn(lines)) {
    const { productId, creditTypeId } = line.line;
    const key = `${productId} ${creditTypeId}`;
    const known = candidates.get(key);
    const payers =
      known ??
      openPayers(
        purse.filter(
          ({ commit }) => commit.creditTypeId === creditTypeId && coversProduct(commit, line.line),
        ),
      );
    if (known === undefined) candidates.set(key, payers);
    settled[place] = settle(
      line,
      payersOf(payers, line.line).filter(
        ({ commit }) => commit.specifiers === null || coversLine(commit, line.line),
      ),
    );
  }
  return settled;
}

/** A line on its way to the commits. */
interface Turn {
  readonly line: OpenLine;
  /** Among the given lines. */
  readonly place: number;
  readonly kindRank: number;
  readonly startMs: number;
  readonly priceRank: number;
}

/** Usage before subscriptions before composites, then earlier start, then higher unit price, then name A-Z, then the place among the lines. */
function inBurnTurn(lines: readonly OpenLine[]): Turn[] {
  const priceRanks = rankPrices(lines);
  return lines
    .map((line, place) => ({
      line,
      place,
      kindRank: kindRank(line),
      startMs: line.window.start.epochMilliseconds,
      priceRank: priceRanks.get(line.unitPrice) ?? 0,
    }))
    .sort(
      (a, b) =>
        a.kindRank - b.kindRank ||
        a.startMs - b.startMs ||
        a.priceRank - b.priceRank ||
        byName(a, b),
    );
}

/** 0 for the highest price, equal ones alike: lines are many, and their prices few. */
function rankPrices(lines: readonly OpenLine[]): ReadonlyMap<Decimal, number> {
  const prices = new Set(lines.map(({ unitPrice }) => unitPrice));
  const ranks = new Map<Decimal, number>();
  let rank = -1;
  let last: Decimal | undefined;
  for (const price of [...prices].sort((a, b) => b.cmp(a))) {
    if (last === undefined || !price.eq(last)) rank += 1;
    ranks.set(price, rank);
    last = price;
  }
  return ranks;
}

const kindRank = ({ line }: OpenLine): number =>
  line.productType === "COMPOSITE" ? 2 : line.productType === "SUBSCRIPTION" ? 1 : 0;

function byName(a: Turn, b: Turn): number {
  const [{ name }, { name: other }] = [a.line.line, b.line.line];
  if (name !== other) return name < other ? -1 : 1;
  return a.place - b.place;
}

function settle(source: OpenLine, payers: readonly BurningSegment[]): SettledLine {
  const covered: CoveredPart[] = [];
  const whole = source.line;
  let quantity = source.quantity;
  let amount = source.line.total;
  for (const burning of payers) {
    if (!isPositive(amount)) break;
    if (!isPositive(burning.remaining) || !coversWindow(burning.segment, source.window)) continue;
    const slices = source.priceFor?.(burning.commit, quantity);
    if (slices !== undefined) {
      const paid = payOwnPrice(source.line, slices, burning);
      covered.push(...paid.parts);
      quantity = quantity.minus(paid.quantity);
      amount = quantity.times(source.unitPrice);
      continue;
    }
    const isWhole = burning.remaining.gte(amount);
    const burned = isWhole ? amount : burning.remaining;
    const burnedQuantity = isWhole ? quantity : min(divide(burned, source.unitPrice), quantity);
    covered.push(coverPart(whole, burning, burnedQuantity, burned));
    amount = amount.minus(burned);
    quantity = quantity.minus(burnedQuantity);
  }
  if (covered.length === 0) return { source, covered, remainder: source.line };
  if (isZero(amount)) return { source, covered, remainder: null };
  return { source, covered, remainder: toRemainder(whole, quantity, amount) };
}
