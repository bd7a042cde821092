import type { CoreDb } from "../db/database.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type CreditNoteDelivery, listNoteDeliveries } from "../store/credit-note-deliveries.ts";
import { type CreditNote, listNotesOfCorrections } from "../store/credit-notes.ts";
import { getInvoice } from "../store/invoices.ts";
import { listCorrectionsOf, type UsageCorrection } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import type { InvoiceDetail } from "./read-invoices.ts";
import { getInvoiceDetail } from "./read-invoices-to-review.ts";

/** A correction with what it consists of. */
export interface CorrectionParts {
  readonly correction: UsageCorrection;
  /** The invoice that bills the difference; null: there is none. */
  readonly carrier: InvoiceDetail | null;
  readonly creditNotes: readonly CreditNote[];
  /** Where they went, by note. */
  readonly deliveries: ReadonlyMap<string, readonly CreditNoteDelivery[]>;
}

/** Every correction of late usage of an invoice, oldest first. Throws not found. */
export const readCorrections = (
  ctx: OperationContext,
  invoiceId: string,
): Promise<readonly CorrectionParts[]> => {
  const read = async (db: CoreDb) => {
    await getInvoice(db, ctx.environment.id, invoiceId);
    return listCorrectionParts({ ...ctx, db }, await listCorrectionsOf(db, invoiceId));
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
};

/** Adds to corrections what they consist of. */
export async function listCorrectionParts(
  ctx: OperationContext,
  corrections: readonly UsageCorrection[],
): Promise<CorrectionParts[]> {
  const notes = await listNotesOfCorrections(
    ctx.db,
    corrections.map(({ id }) => id),
  );
  const deliveries = await listNoteDeliveries(
    ctx.db,
    notes.map(({ id }) => id),
  );
  const parts: CorrectionParts[] = [];
  for (const correction of corrections) {
    const { carrierInvoiceId } = correction;
    parts.push({
      correction,
      carrier: carrierInvoiceId === null ? null : await getInvoiceDetail(ctx, carrierInvoiceId),
      deliveries,
      creditNotes: notes.filter(({ correctionId }) => correctionId === correction.id),
    });
  }
  return parts;
}
