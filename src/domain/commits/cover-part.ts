import { type Decimal, ZERO } from "../decimal.ts";
import type { InvoiceLine, ProductLine } from "../invoices/line.ts";
import type { BurningSegment } from "./purse.ts";

/** A priced usage line, or the slice of one that a commit prices in its own way. */
export type PricedLine = ProductLine & { readonly quantity: Decimal };

/** A part of a line that one segment paid for: the line and the offset that negates it. */
export interface CoveredPart {
  readonly burning: BurningSegment;
  readonly amount: Decimal;
  readonly line: InvoiceLine;
  readonly offset: InvoiceLine;
}

/** Lets the segment pay `amount` for `quantity` of the line; draws it down. */
export function coverPart(
  whole: PricedLine,
  burning: BurningSegment,
  quantity: Decimal,
  amount: Decimal,
): CoveredPart {
  const { commit, segment, remaining } = burning;
  const after = remaining.minus(amount);
  const payment = {
    step: "commit",
    commitId: commit.id,
    segmentId: segment.id,
    before: remaining,
    amount,
    after,
  } as const;
  const split = amount.eq(whole.total) ? [] : [toSplit("covered", whole, quantity, amount)];
  const line: InvoiceLine = {
    ...whole,
    lineKey: `${whole.lineKey}/by/${segment.id}`,
    total: amount,
    quantity,
    commit: { commitId: commit.id, segmentId: segment.id, type: commit.type },
    trace: [...whole.trace, ...split, payment],
  };
  const { listPrice: _, ...paid } = line;
  const offset: InvoiceLine = {
    ...paid,
    lineKey: `${line.lineKey}/offset`,
    type: "applied_commit_or_credit",
    name: `${burning.name} applied`,
    total: ZERO.minus(amount),
    quantity: null,
    unitPrice: null,
    tier: null,
    trace: [payment],
  };
  burning.remaining = after;
  return { burning, amount, line, offset };
}

/** What nobody covered of the line. */
export const toRemainder = (
  whole: PricedLine,
  quantity: Decimal,
  amount: Decimal,
): InvoiceLine => ({
  ...whole,
  total: amount,
  quantity,
  trace: [...whole.trace, toSplit("remainder", whole, quantity, amount)],
});

const toSplit = (
  part: "covered" | "remainder",
  whole: PricedLine,
  quantity: Decimal,
  amount: Decimal,
) =>
  ({
    step: "split",
    part,
    ofQuantity: whole.quantity,
    ofAmount: whole.total,
    quantity,
    amount,
  }) as const;
