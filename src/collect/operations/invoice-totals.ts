import type { Scope } from "../scope.ts";
import { sumLines } from "../store/invoice-lines.ts";
import { type InvoiceChanges, type InvoiceRow, updateInvoice } from "../store/invoices.ts";

/** Brings a locked draft's totals up to date with its lines, together with other changes. */
export async function refreshTotals(
  scope: Scope,
  invoice: InvoiceRow,
  changes: InvoiceChanges = {},
): Promise<InvoiceRow> {
  const { lineCount, totalMinor, lastPosition } = await sumLines(scope, invoice.id);
  return updateInvoice(scope, invoice.id, {
    ...changes,
    line_count: lineCount,
    total_minor: totalMinor,
    last_position: Math.max(lastPosition, invoice.last_position),
  });
}
