import { type Decimal, divide, min, ZERO } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { Interval } from "../time.ts";
import { coversLine, coversProduct, coversWindow } from "./applicability.ts";
import type { BurningSegment } from "./purse.ts";

/** A usage line before commits, with what deciding who pays for it needs. */
export interface OpenLine {
  readonly line: InvoiceLine;
  readonly window: Interval;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
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

export interface CoveredPart {
  readonly burning: BurningSegment;
  readonly amount: Decimal;
  readonly line: InvoiceLine;
  readonly offset: InvoiceLine;
}

/**
 * Lets the segments pay for the lines; `purse` is in burn order and is drawn down in place.
 *
 * Lines are served in the order of `inBurnTurn`; nobody looks ahead to negative lines. A line that
 * is covered in part is split: the burned amount is fixed first, its quantity is amount / price (12
 * decimals), and the remainder gets the rest, so that both parts add up exactly.
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

/** Earlier start, then higher unit price, then name A-Z, then the place in the invoice. */
function inBurnTurn(lines: readonly OpenLine[]): OpenLine[] {
  return lines
    .map((line) => ({ line, startMs: line.window.start.epochMilliseconds }))
    .sort((a, b) => a.startMs - b.startMs || byPriceAndName(a.line, b.line))
    .map(({ line }) => line);
}

function byPriceAndName(a: OpenLine, b: OpenLine): number {
  const price = b.unitPrice.cmp(a.unitPrice);
  if (price !== 0) return price;
  if (a.line.name !== b.line.name) return a.line.name < b.line.name ? -1 : 1;
  return a.position - b.position;
}

function settle(source: OpenLine, payers: readonly BurningSegment[]): SettledLine {
  const covered: CoveredPart[] = [];
  let quantity = source.quantity;
  let amount = source.line.total;
  for (const burning of payers) {
    if (amount.lte(ZERO)) break;
    if (burning.remaining.lte(ZERO) || !coversWindow(burning.segment, source.window)) continue;
    const burned = min(burning.remaining, amount);
    const burnedQuantity = burned.eq(amount)
      ? quantity
      : min(divide(burned, source.unitPrice), quantity);
    covered.push(coverPart(source, burning, burnedQuantity, burned));
    burning.remaining = burning.remaining.minus(burned);
    amount = amount.minus(burned);
    quantity = quantity.minus(burnedQuantity);
  }
  if (covered.length === 0) return { source, covered, remainder: source.line };
  if (amount.eq(ZERO)) return { source, covered, remainder: null };
  return { source, covered, remainder: toRemainder(source, quantity, amount) };
}

function coverPart(
  source: OpenLine,
  burning: BurningSegment,
  quantity: Decimal,
  amount: Decimal,
): CoveredPart {
  const { line: whole } = source;
  const { commit, segment, remaining } = burning;
  const payment = {
    step: "commit",
    commitId: commit.id,
    segmentId: segment.id,
    before: remaining,
    amount,
    after: remaining.minus(amount),
  } as const;
  const split = amount.eq(whole.total) ? [] : [toSplit("covered", source, quantity, amount)];
  const line: InvoiceLine = {
    ...whole,
    lineKey: `${whole.lineKey}/by/${segment.id}`,
    total: amount,
    quantity,
    commit: { commitId: commit.id, segmentId: segment.id, type: commit.type },
    trace: [...whole.trace, ...split, payment],
  };
  const offset: InvoiceLine = {
    ...line,
    lineKey: `${line.lineKey}/offset`,
    type: "applied_commit_or_credit",
    name: `${burning.name} applied`,
    total: ZERO.minus(amount),
    quantity: null,
    unitPrice: null,
    tier: null,
    trace: [payment],
  };
  return { burning, amount, line, offset };
}

const toRemainder = (source: OpenLine, quantity: Decimal, amount: Decimal): InvoiceLine => ({
  ...source.line,
  total: amount,
  quantity,
  trace: [...source.line.trace, toSplit("remainder", source, quantity, amount)],
});

const toSplit = (
  part: "covered" | "remainder",
  source: OpenLine,
  quantity: Decimal,
  amount: Decimal,
) =>
  ({
    step: "split",
    part,
    ofQuantity: source.quantity,
    ofAmount: source.line.total,
    quantity,
    amount,
  }) as const;
