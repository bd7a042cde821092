import type { CorrectionParts } from "../../operations/read-corrections.ts";
import { toCreditNoteView } from "./credit-note.ts";
import { toInvoiceView } from "./invoice-view.ts";

const WHOLE = { skipZeroQuantityLines: false, withListPrices: false };

/** How late usage was billed, with the invoice and the credit notes that did it. */
export const toCorrectionView = ({
  correction,
  carrier,
  creditNotes,
  deliveries,
}: CorrectionParts) => ({
  id: correction.id,
  invoice_id: correction.invoiceId,
  sequence: correction.sequence,
  policy: correction.policy,
  total: correction.total,
  invoice: carrier === null ? null : toInvoiceView(carrier, WHOLE),
  credit_notes: creditNotes.map((note) => toCreditNoteView(note, deliveries.get(note.id))),
  created_at: correction.createdAt,
  ...(correction.voidedAt === null ? {} : { voided_at: correction.voidedAt }),
});
