import { type Decimal, sum } from "../decimal.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { LineOrder } from "./integration-options.ts";
import { toLineItemType } from "./line-item-type.ts";

/** What of an invoice's lines is sent over a route, and in which order. */
export interface LineShape {
  readonly excludedLineItemTypes: readonly string[];
  readonly sortLineItemsBy: LineOrder;
}

export interface ShapedLines {
  readonly lines: readonly InvoiceLine[];
  /** What the lines that are left come to, exact. */
  readonly total: Decimal;
}

/** Postpaid offsets are shown and not summed; lines in a custom pricing unit count where they are converted. */
const counts = (line: InvoiceLine, creditTypeId: string): boolean =>
  line.creditTypeId === creditTypeId &&
  !(line.type === "applied_commit_or_credit" && line.commit?.type === "POSTPAID");

/**
 * Leaves lines of excluded types out and puts the rest in order: ascending, lines without an
 * aggregation last, ties as on the bill. The total follows from the lines that are left.
 */
export function shapeLines(
  invoice: {
    readonly creditTypeId: string;
    readonly total: Decimal;
    readonly lines: readonly InvoiceLine[];
  },
  { excludedLineItemTypes, sortLineItemsBy }: LineShape,
  aggregationOf: (line: InvoiceLine) => string | undefined,
): ShapedLines {
  const excluded = invoice.lines.filter((line) =>
    excludedLineItemTypes.includes(toLineItemType(line)),
  );
  const taken = sum(
    excluded.filter((line) => counts(line, invoice.creditTypeId)).map((line) => line.total),
  );
  const left = invoice.lines.filter((line) => !excluded.includes(line));
  return {
    lines: sortLines(left, sortLineItemsBy, aggregationOf),
    total: invoice.total.minus(taken),
  };
}

/** Sorting is stable, so that ties keep the order of the bill. */
function sortLines(
  lines: readonly InvoiceLine[],
  order: LineOrder,
  aggregationOf: (line: InvoiceLine) => string | undefined,
): readonly InvoiceLine[] {
  switch (order) {
    case "NONE":
      return lines;
    case "SUBTOTAL":
      return lines.toSorted((a, b) => a.total.cmp(b.total));
    case "AGGREGATION_ID":
      return lines.toSorted((a, b) => byText(aggregationOf(a), aggregationOf(b)));
  }
}

/** By code units, the same on every machine; nothing comes last. */
function byText(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
