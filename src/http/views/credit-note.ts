import type { CoreDb } from "../../db/database.ts";
import type { CreditLine } from "../../domain/credit-notes/creditable.ts";
import { getCreditType } from "../../domain/credit-type.ts";
import { fromMinor } from "../../domain/money.ts";
import { type CreditNoteDelivery, listNoteDeliveries } from "../../store/credit-note-deliveries.ts";
import type { CreditNote } from "../../store/credit-notes.ts";
import { toCreditTypeView } from "./credit-type.ts";

const toLineView = ({ lineKey, name, amount, returned }: CreditLine) => ({
  ...(lineKey === null ? {} : { line_key: lineKey }),
  name,
  amount,
  ...(returned === null
    ? {}
    : {
        returned: {
          commit_id: returned.commitId,
          segment_id: returned.segmentId,
          amount: returned.amount,
        },
      }),
});

const toDeliveryView = ({ runId, status, externalId, error, updatedAt }: CreditNoteDelivery) => ({
  run_id: runId,
  status,
  external_id: externalId,
  error,
  updated_at: updatedAt,
});

/** Credit notes as the wire shows them, with where they went. */
export async function viewCreditNotes(db: CoreDb, notes: readonly CreditNote[]) {
  const deliveries = await listNoteDeliveries(
    db,
    notes.map(({ id }) => id),
  );
  return notes.map((note) => toCreditNoteView(note, deliveries.get(note.id)));
}

/** A credit note as the wire shows it. */
export const toCreditNoteView = (
  note: CreditNote,
  deliveries: readonly CreditNoteDelivery[] = [],
) => ({
  id: note.id,
  status: note.status,
  invoice_id: note.invoiceId,
  customer_id: note.customerId,
  contract_id: note.contractId,
  reason: note.reason,
  ...(note.memo === null ? {} : { memo: note.memo }),
  credit_type: toCreditTypeView(note.creditTypeId),
  total: note.total,
  /** What its document comes to: rounded together with the notes before it. Absent on a note of before this was kept. */
  ...(note.amountMinor === null
    ? {}
    : { rounded_total: fromMinor(note.amountMinor, getCreditType(note.creditTypeId)) }),
  tax: note.tax,
  line_items: note.lines.map(toLineView),
  issued_at: note.issuedAt,
  issued_by: note.issuedBy,
  /** Where the first route of its invoice took it, and where all of them did. */
  delivery: deliveries[0] === undefined ? null : toDeliveryView(deliveries[0]),
  deliveries: deliveries.map(toDeliveryView),
  ...(note.voidedAt === null ? {} : { voided_at: note.voidedAt }),
});
