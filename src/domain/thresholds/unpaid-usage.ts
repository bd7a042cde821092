import { type Decimal, sum, ZERO } from "../decimal.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { earlier, type Interval, later } from "../time.ts";

/** Usage that nobody has paid for yet, and the time it lies in. */
export interface UnpaidUsage {
  readonly amount: Decimal;
  readonly span: Interval;
}

/**
 * Postpaid value is paid later: what it covers is still owed. Usage in a pricing unit is owed as far
 * as it is converted.
 */
const isUnpaid = (
  { type, commit, creditTypeId, total }: InvoiceLine,
  currencyId: string,
): boolean =>
  (type === "usage" || type === "cpu_conversion") &&
  creditTypeId === currencyId &&
  (commit === null || commit.type === "POSTPAID") &&
  total.gt(ZERO);

const unpaidLines = ({ lines, creditTypeId }: RatedInvoice): InvoiceLine[] =>
  lines.filter((line) => isUnpaid(line, creditTypeId));

/**
 * What the contract's usage invoices, still drafts, leave unpaid of usage after prepaid commits and
 * credits; lines below zero pay for nothing. undefined when there is none.
 */
export function unpaidUsage(
  drafts: readonly RatedInvoice[],
  contractId: string,
): UnpaidUsage | undefined {
  const own = drafts.filter((draft) => draft.contractId === contractId);
  const periods = own.flatMap((draft) =>
    draft.period !== null && unpaidLines(draft).length > 0 ? [draft.period] : [],
  );
  const [first] = periods;
  if (first === undefined) return undefined;
  return {
    amount: sum(own.flatMap((draft) => unpaidLines(draft).map(({ total }) => total))),
    span: periods.reduce(
      (span, { start, end }) => ({ start: earlier(span.start, start), end: later(span.end, end) }),
      first,
    ),
  };
}
