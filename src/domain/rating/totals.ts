import { type Decimal, sum } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";

/**
 * Sums of an invoice in the wire unit of its credit type, exact. Lines in a custom pricing unit are
 * not money: they count by the line that converts what commits and credits left of them.
 */
export interface Totals {
  /** Everything that is sold, before prepaid commits and credits pay for it. */
  readonly subtotal: Decimal;
  /** What is due: all lines except postpaid offsets, whose commit is paid at its end. */
  readonly total: Decimal;
}

/** Adds up the lines of one invoice. */
export function totalsOf(lines: readonly InvoiceLine[], currencyId: string): Totals {
  const [sold, applied]: [Decimal[], Decimal[]] = [[], []];
  for (const { type, total, commit, creditTypeId } of lines) {
    if (creditTypeId !== currencyId) continue;
    if (type !== "applied_commit_or_credit") sold.push(total);
    else if (commit?.type !== "POSTPAID") applied.push(total);
  }
  const subtotal = sum(sold);
  return { subtotal, total: subtotal.plus(sum(applied)) };
}
