import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { listIssuedNotes, markNotesVoid } from "../store/credit-notes.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import {
  listCorrectionsOf,
  listCorrectionsOn,
  type UsageCorrection,
  voidCorrections,
} from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";

/**
 * Before an invoice is void: what it bills of others' late usage is billed no more. With
 * `withCorrections` everything around it goes as well; without it refuses (conflict) what others
 * rest on: an invoice that was corrected or credited, a correction that is not the newest, and one
 * whose credit note took another invoice's place.
 */
export async function releaseCorrections(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id }: InvoiceRecord,
  { withCorrections }: { readonly withCorrections: boolean },
): Promise<void> {
  const of = (await listCorrectionsOf(tx, id)).filter(({ voidedAt }) => voidedAt === null);
  const on = await listCorrectionsOn(tx, id);
  const notes = await listIssuedNotes(tx, [id]);
  const at = instantText(ctx.now);
  if (!withCorrections) {
    refuseCorrected(id, of, notes.length);
    for (const correction of on) await refuseRested(tx, id, correction);
  } else
    await markNotesVoid(
      tx,
      notes.map((note) => note.id),
      at,
    );
  await voidCorrections(
    tx,
    [...(withCorrections ? of : []), ...on].map((one) => one.id),
    at,
  );
}

function refuseCorrected(id: string, of: readonly UsageCorrection[], noteCount: number): void {
  const newest = of.findLast(({ carrierInvoiceId }) => carrierInvoiceId !== null);
  if (newest !== undefined) {
    throw conflict(
      `Late usage of invoice ${id} is billed by invoice ${newest.carrierInvoiceId}: void that one first`,
      "invoice_corrected",
    );
  }
  if (noteCount > 0) {
    throw conflict(
      `Invoice ${id} has credit notes: credit the rest of it instead, or void them first`,
      "invoice_credited",
    );
  }
}

async function refuseRested(
  tx: CoreTransaction,
  id: string,
  { invoiceId, sequence, policy }: UsageCorrection,
): Promise<void> {
  if (policy === "credit_note") {
    throw conflict(
      `Invoice ${id} took the place of what was credited of invoice ${invoiceId}: credit it instead`,
      "invoice_rebilled",
    );
  }
  const later = (await listCorrectionsOf(tx, invoiceId)).find(
    (one) => one.sequence > sequence && one.voidedAt === null,
  );
  if (later === undefined) return;
  throw conflict(
    `Invoice ${invoiceId} was corrected again after invoice ${id}: take that back first`,
    "invoice_corrected",
  );
}
