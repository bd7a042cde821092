import { type Decimal, sum } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";

/** Sums of an invoice in the wire unit of its credit type, exact. */
export interface Totals {
  /** Everything that is sold, before prepaid commits and credits pay for it. */
  readonly subtotal: Decimal;
  /** What is due: all lines except postpaid offsets, whose commit is paid at its end. */
  readonly total: Decimal;
}

/** Adds up the lines of one invoice. */
export function totalsOf(lines: readonly InvoiceLine[]): Totals {
  const [sold, applied]: [Decimal[], Decimal[]] = [[], []];
  for (const { type, total, commit } of lines) {
    if (type !== "applied_commit_or_credit") sold.push(total);
    else if (commit?.type !== "POSTPAID") applied.push(total);
  }
  const subtotal = sum(sold);
  return { subtotal, total: subtotal.plus(sum(applied)) };
}
