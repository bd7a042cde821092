import { randomUUID } from "node:crypto";
import type { CoreTransaction } from "../db/database.ts";
import {
  type Credit,
  CreditRefused,
  type CreditRequest,
  creditInvoice,
} from "../domain/credit-notes/credit-invoice.ts";
import type { CreditedInvoice, CreditLine } from "../domain/credit-notes/creditable.ts";
import { creditedMinor } from "../domain/credit-notes/credited-minor.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { faultPoint } from "../platform/fault-points.ts";
import {
  type CreditNote,
  getCreditNote,
  insertCreditNote,
  listIssuedNotes,
} from "../store/credit-notes.ts";
import { type FrozenInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { announceCreditNote } from "./announce-credit-note.ts";
import type { OperationContext } from "./context.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { postReturned } from "./post-returned.ts";
import { sendCreditNote } from "./send-credit-note.ts";
import { tryOut } from "./try-out.ts";

/** What a person gives back of an invoice, and why. */
export interface NewCreditNote {
  readonly invoiceId: string;
  readonly reason: string;
  readonly memo: string | null;
  readonly request: CreditRequest;
}

/**
 * Issues a credit note for a finalized invoice, which stays as it is: commits and credits have back what
 * the credited lines took of them, and receivers of webhooks are told. With `preview` all of it is
 * done, answered, and taken back. Throws AppError (invalid) naming the field, not found.
 */
export const issueCreditNote = (
  ctx: OperationContext,
  { invoiceId, request, ...note }: NewCreditNote,
  { preview }: { readonly preview: boolean },
): Promise<CreditNote> =>
  inTurnOf(ctx, invoiceId, (tx, invoice) =>
    tryOut(tx, preview, async () => {
      const frozen = requireFinal(invoice);
      const credited = await toCredited(tx, frozen);
      const { lines, total, tax } = credit(credited, request);
      const amountMinor = addedMinor(frozen, credited, lines);
      const id = randomUUID();
      await insertCreditNote(tx, {
        ...note,
        id,
        ...ownersOf(frozen),
        correctionId: null,
        lines,
        total,
        tax,
        amountMinor,
        issuedAt: instantText(ctx.now),
        issuedBy: ctx.actor,
      });
      faultPoint("issue-credit-note/inserted");
      await postReturned(
        tx,
        ctx,
        { id, invoiceId },
        lines.flatMap(({ returned }) => (returned === null ? [] : [returned])),
      );
      faultPoint("issue-credit-note/posted");
      await sendCreditNote(tx, ctx, { id, amountMinor }, frozen);
      await announceCreditNote(tx, ctx, "credit_note.issued", { id, ...ownersOf(frozen), total });
      return getCreditNote(tx, ctx.environment.id, id);
    }),
  );

/** Whose note it is. */
export const ownersOf = (invoice: FrozenInvoice) => ({
  environmentId: invoice.environmentId,
  customerId: invoice.customerId,
  contractId: invoice.contractId,
  invoiceId: invoice.id,
  creditTypeId: invoice.creditTypeId,
});

/** An invoice with what its notes have credited. */
export async function toCredited(
  tx: CoreTransaction,
  { id, creditTypeId, content }: FrozenInvoice,
): Promise<CreditedInvoice> {
  const notes = await listIssuedNotes(tx, [id]);
  const credited = notes.flatMap(({ lines }) => lines);
  return { creditTypeId, total: content.total, lines: content.lines, credited };
}

/** What lines add in minor units to what the notes of their invoice come to, rounded as the invoice was. */
export function addedMinor(
  { creditTypeId, content }: FrozenInvoice,
  { credited }: Pick<CreditedInvoice, "credited">,
  lines: readonly CreditLine[],
): bigint {
  const creditType = getCreditType(creditTypeId);
  const worth = (all: readonly CreditLine[]) => creditedMinor(all, creditType, content.conventions);
  return worth([...credited, ...lines]) - worth(credited);
}

function requireFinal(invoice: InvoiceRecord): FrozenInvoice {
  if (invoice.status === "FINALIZED" && isFrozen(invoice)) return invoice;
  throw invalid(
    `Invoice ${invoice.id} is ${invoice.status}: only a finalized invoice is credited`,
    "invoice_id",
  );
}

/** What cannot be credited is the caller's fault, with its place in the request. */
function credit(invoice: CreditedInvoice, request: CreditRequest): Credit {
  try {
    return creditInvoice(invoice, request);
  } catch (error) {
    if (!(error instanceof CreditRefused)) throw error;
    throw invalid(error.message, error.field);
  }
}
