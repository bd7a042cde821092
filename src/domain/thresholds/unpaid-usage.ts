import { type Decimal, sum, ZERO } from "../decimal.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { earlier, type Interval, later } from "../time.ts";

/** Usage that nobody has paid for yet, and the time it lies in. */
export interface UnpaidUsage {
  readonly amount: Decimal;
  readonly span: Interval;
}

/** Postpaid value is paid later: what it covers is still owed. */
const isUnpaid = ({ type, commit, total }: InvoiceLine): boolean =>
  type === "usage" && (commit === null || commit.type === "POSTPAID") && total.gt(ZERO);

/**
 * What the contract's usage invoices, still drafts, leave unpaid of usage after prepaid commits and
 * credits; lines below zero pay for nothing. undefined when there is none.
 */
export function unpaidUsage(
  drafts: readonly RatedInvoice[],
  contractId: string,
): UnpaidUsage | undefined {
  const own = drafts.filter((draft) => draft.contractId === contractId);
  const periods = own.flatMap(({ period, lines }) =>
    period !== null && lines.some(isUnpaid) ? [period] : [],
  );
  const [first] = periods;
  if (first === undefined) return undefined;
  return {
    amount: sum(own.flatMap(({ lines }) => lines.filter(isUnpaid).map(({ total }) => total))),
    span: periods.reduce(
      (span, { start, end }) => ({ start: earlier(span.start, start), end: later(span.end, end) }),
      first,
    ),
  };
}
