import { type Decimal, divide, min, ZERO } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { Interval } from "../time.ts";
import { coversLine, coversProduct, coversWindow } from "./applicability.ts";
import type { Commit } from "./commit.ts";
import { type CoveredPart, coverPart, toRemainder } from "./cover-part.ts";
import { type PricedSlice, payOwnPrice } from "./pay-own-price.ts";
import type { BurningSegment } from "./purse.ts";

/** A usage line before commits, with what deciding who pays for it needs. */
export interface OpenLine {
  readonly line: InvoiceLine;
  readonly window: Interval;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** The last `quantity` of the line at the price of a commit; undefined: it pays the line's. */
  readonly priceFor?: (commit: Commit, quantity: Decimal) => readonly PricedSlice[] | undefined;
  /** Place of the line in the invoice when no commit touches it. */
  readonly position: number;
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
 * without commits is not offered to them.
 */
export function applyCommits(
  lines: readonly OpenLine[],
  purse: readonly BurningSegment[],
): SettledLine[] {
  const candidates = new Map<string, readonly BurningSegment[]>();
  const settled = inBurnTurn(lines).map((line) => {
    const { productId, creditTypeId } = line.line;
    const known = candidates.get(productId);
    const payers =
      known ??
      purse.filter(
        ({ commit }) => commit.creditTypeId === creditTypeId && coversProduct(commit, line.line),
      );
    if (known === undefined) candidates.set(productId, payers);
    return settle(
      line,
      payers.filter(({ commit }) => commit.specifiers === null || coversLine(commit, line.line)),
    );
  });
  return settled.sort((a, b) => a.source.position - b.source.position);
}

/** Usage before subscriptions before composites, then earlier start, then higher unit price, then name A-Z, then the place in the invoice. */
function inBurnTurn(lines: readonly OpenLine[]): OpenLine[] {
  return lines
    .map((line) => ({ line, startMs: line.window.start.epochMilliseconds }))
    .sort(
      (a, b) =>
        kindRank(a.line) - kindRank(b.line) ||
        a.startMs - b.startMs ||
        byPriceAndName(a.line, b.line),
    )
    .map(({ line }) => line);
}

const kindRank = ({ line }: OpenLine): number =>
  line.productType === "COMPOSITE" ? 2 : line.type === "subscription" ? 1 : 0;

function byPriceAndName(a: OpenLine, b: OpenLine): number {
  const price = b.unitPrice.cmp(a.unitPrice);
  if (price !== 0) return price;
  if (a.line.name !== b.line.name) return a.line.name < b.line.name ? -1 : 1;
  return a.position - b.position;
}

function settle(source: OpenLine, payers: readonly BurningSegment[]): SettledLine {
  const covered: CoveredPart[] = [];
  const whole = { ...source.line, quantity: source.quantity };
  let quantity = source.quantity;
  let amount = source.line.total;
  for (const burning of payers) {
    if (amount.lte(ZERO)) break;
    if (burning.remaining.lte(ZERO) || !coversWindow(burning.segment, source.window)) continue;
    const slices = source.priceFor?.(burning.commit, quantity);
    if (slices !== undefined) {
      const paid = payOwnPrice(source.line, slices, burning);
      covered.push(...paid.parts);
      quantity = quantity.minus(paid.quantity);
      amount = quantity.times(source.unitPrice);
      continue;
    }
    const burned = min(burning.remaining, amount);
    const burnedQuantity = burned.eq(amount)
      ? quantity
      : min(divide(burned, source.unitPrice), quantity);
    covered.push(coverPart(whole, burning, burnedQuantity, burned));
    amount = amount.minus(burned);
    quantity = quantity.minus(burnedQuantity);
  }
  if (covered.length === 0) return { source, covered, remainder: source.line };
  if (amount.eq(ZERO)) return { source, covered, remainder: null };
  return { source, covered, remainder: toRemainder(whole, quantity, amount) };
}
