import { type Decimal, minus, ZERO } from "../decimal.ts";
import type { Instant } from "../time.ts";
import { instantText } from "../time.ts";
import type { BilledUsage } from "./billed-usage.ts";
import type { DrawDown } from "./invoice.ts";
import type { InvoiceLine } from "./line.ts";

/** What is to be billed, or given back, so that a period is billed as if all its usage had been there. */
export interface UsageCorrection {
  /** Differences, some of them negative. Empty: late usage changes nothing that is billed. */
  readonly lines: readonly InvoiceLine[];
  /** By segment; a negative amount is given back. */
  readonly drawDowns: readonly DrawDown[];
}

/** The invoice that is corrected, for the names and steps of the lines. */
export interface CorrectedInvoice {
  readonly id: string;
  readonly start: Instant;
  readonly end: Instant;
}

/**
 * The difference between what is billed of a period's usage and what its usage comes to now (both
 * metered lines only). Lines that mean the same have the same key, so most differences are a quantity
 * at a price; where a line's price has changed the old one is taken back whole. Adding up the old
 * lines and these gives the new ones, to the last digit.
 */
export function correctUsage(
  billed: Pick<BilledUsage, "lines" | "drawDowns">,
  now: Pick<BilledUsage, "lines" | "drawDowns">,
  corrected: CorrectedInvoice,
): UsageCorrection {
  const before = new Map(billed.lines.map((line) => [line.lineKey, line]));
  const after = new Set(now.lines.map(({ lineKey }) => lineKey));
  const lines = [
    ...now.lines.flatMap((line) => changesOf(before.get(line.lineKey), line, corrected)),
    ...billed.lines
      .filter(({ lineKey }) => !after.has(lineKey))
      .flatMap((line) => changesOf(line, undefined, corrected)),
  ];
  return { lines, drawDowns: changedDrawDowns(billed.drawDowns, now.drawDowns) };
}

function changesOf(
  old: InvoiceLine | undefined,
  fresh: InvoiceLine | undefined,
  corrected: CorrectedInvoice,
): InvoiceLine[] {
  if (old !== undefined && fresh !== undefined && hasSamePrice(old, fresh)) {
    const quantity = fresh.quantity && old.quantity && minus(fresh.quantity, old.quantity);
    const total = minus(fresh.total, old.total);
    if (total.eq(ZERO) && (quantity ?? ZERO).eq(ZERO)) return [];
    return [toLine(fresh, { quantity, total }, corrected, old)];
  }
  const taken = old === undefined ? [] : [takenBack(old, corrected)];
  if (fresh === undefined || isEmpty(fresh)) return taken.filter((line) => !isEmpty(line));
  return [
    ...taken.filter((line) => !isEmpty(line)),
    toLine(fresh, { quantity: fresh.quantity, total: fresh.total }, corrected, undefined),
  ];
}

const isEmpty = ({ quantity, total }: InvoiceLine): boolean =>
  total.eq(ZERO) && (quantity ?? ZERO).eq(ZERO);

const hasSamePrice = (old: InvoiceLine, fresh: InvoiceLine): boolean =>
  old.unitPrice === null || fresh.unitPrice === null
    ? old.unitPrice === fresh.unitPrice
    : old.unitPrice.eq(fresh.unitPrice);

const takenBack = (old: InvoiceLine, corrected: CorrectedInvoice): InvoiceLine => {
  const back = toLine(
    old,
    { quantity: old.quantity?.neg() ?? null, total: old.total.neg() },
    corrected,
    old,
  );
  return { ...back, lineKey: `${back.lineKey}/was` };
};

/** The line of the invoice that bills the difference: dated as the usage is, and named so. */
function toLine(
  line: InvoiceLine,
  change: { readonly quantity: Decimal | null; readonly total: Decimal },
  { id, start, end }: CorrectedInvoice,
  old: InvoiceLine | undefined,
): InvoiceLine {
  const days = `${instantText(start).slice(0, 10)} to ${instantText(end).slice(0, 10)}`;
  return {
    ...line,
    ...change,
    lineKey: `late/${id}/${line.lineKey}`,
    name: `${line.name}, late usage ${days}`,
    trace: [
      ...line.trace,
      {
        step: "correction",
        invoiceId: id,
        billed: old?.total ?? ZERO,
        due: (old?.total ?? ZERO).plus(change.total),
        amount: change.total,
      },
    ],
  };
}

function changedDrawDowns(billed: readonly DrawDown[], now: readonly DrawDown[]): DrawDown[] {
  const before = new Map(billed.map((drawDown) => [drawDown.segmentId, drawDown]));
  const after = new Map(now.map((drawDown) => [drawDown.segmentId, drawDown]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((segmentId) => {
    const [old, fresh] = [before.get(segmentId), after.get(segmentId)];
    const any = fresh ?? old;
    if (any === undefined) return [];
    const amount = minus(fresh?.amount ?? ZERO, old?.amount ?? ZERO);
    return amount.eq(ZERO) ? [] : [{ ...any, amount }];
  });
}
