import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import { previousAttributes } from "./changes.ts";
import { type EventType, recordEvent } from "./record-event.ts";
import { renderInvoice } from "./render-invoice.ts";

/**
 * Tells of a change of an invoice: `invoice.updated` with the old values when anything visible
 * differs, then the events that name what happened ("invoice.finalized"). Returns the invoice as it
 * is now.
 */
export async function recordInvoiceChange(
  scope: Scope,
  before: WireInvoice,
  row: InvoiceRow,
  types: readonly EventType[] = [],
): Promise<WireInvoice> {
  const object = await renderInvoice(scope, row);
  const previous = previousAttributes(before, object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "invoice.updated", object, previousAttributes: previous });
  }
  for (const type of types) recordEvent(scope, { type, object });
  return object;
}
