import { toAccountedNote } from "../domain/accounting/to-accounted-note.ts";
import {
  type AccountedInvoice,
  type Accounting,
  type AccountingTerms,
  toAccountingDocument,
} from "../domain/accounting/to-accounting-document.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { roundToMinor } from "../domain/money.ts";
import { assert } from "../errors.ts";
import { listAccountingNotes, listNotesByIds } from "../store/accounting-credit-notes.ts";
import {
  type AccountingFilter,
  listAccountingInvoices,
  listFrozenInvoices,
} from "../store/accounting-invoices.ts";
import type { CreditNote } from "../store/credit-notes.ts";
import type { InvoiceCursor } from "../store/invoice-list.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { loadAccountedInvoices } from "./load-accounted-invoices.ts";

/** A document of ours, and what it becomes in a file. */
export interface Accounted {
  readonly id: string;
  readonly cursor: InvoiceCursor;
  readonly isOnHold: boolean;
  readonly accounting: Accounting;
}

/** The terms of a file, but for what is read of products. */
export interface SourceTerms extends Omit<AccountingTerms, "productFields"> {
  /** Days to pay where no terms say any. */
  readonly netTermsDays: number;
}

/** What a file is made of, by date of issue. */
export interface AccountingSource {
  /** So many after a place in that order. */
  list(
    ctx: OperationContext,
    filter: Omit<AccountingFilter, "environmentId" | "onlyNegative">,
    terms: SourceTerms,
    place: { readonly after: InvoiceCursor | undefined; readonly limit: number },
  ): Promise<Accounted[]>;
  /** In the order of the ids. */
  read(ctx: OperationContext, terms: SourceTerms, ids: readonly string[]): Promise<Accounted[]>;
}

async function accountInvoices(
  ctx: OperationContext,
  records: readonly FrozenInvoice[],
  terms: SourceTerms,
): Promise<Accounted[]> {
  const { invoices, productFields } = await loadAccountedInvoices(ctx, records, terms.netTermsDays);
  return invoices.flatMap((invoice, index): Accounted[] => {
    const record = records[index];
    if (record === undefined) return [];
    const { id, issuedAt, position, status, review } = record;
    return [
      {
        id,
        cursor: { at: issuedAt ?? "", position },
        isOnHold: status === "FINALIZED" && review.hold !== null,
        accounting: toAccountingDocument(invoice, { ...terms, productFields }),
      },
    ];
  });
}

/** Final invoices; those below zero where the file is one of credit notes. */
export const INVOICES: AccountingSource = {
  async list(ctx, filter, terms, { after, limit }) {
    const environmentId = ctx.environment.id;
    const onlyNegative = terms.kind === "credit_note";
    const of = { ...filter, environmentId, onlyNegative };
    return accountInvoices(ctx, await listAccountingInvoices(ctx.db, of, after, limit), terms);
  },
  read: async (ctx, terms, ids) =>
    accountInvoices(ctx, await listFrozenInvoices(ctx.db, ctx.environment.id, ids), terms),
};

/** Notes that are older than their rounded amounts were kept are rounded by themselves. */
const amountOf = (
  { amountMinor, total, creditTypeId }: CreditNote,
  { conventions }: AccountedInvoice,
): bigint =>
  amountMinor ?? roundToMinor(total, getCreditType(creditTypeId), conventions.roundingMode);

async function accountNotes(
  ctx: OperationContext,
  notes: readonly CreditNote[],
  terms: SourceTerms,
): Promise<Accounted[]> {
  const ids = [...new Set(notes.map(({ invoiceId }) => invoiceId))];
  const credited = await listFrozenInvoices(ctx.db, ctx.environment.id, ids);
  const { invoices, productFields } = await loadAccountedInvoices(
    ctx,
    credited,
    terms.netTermsDays,
  );
  const byId = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  return notes.map((note): Accounted => {
    const invoice = byId.get(note.invoiceId);
    // A page that is short would be taken for the last one.
    assert(invoice !== undefined, `credit note ${note.id} credits a final invoice`);
    const accounted = {
      id: note.id,
      lines: note.lines,
      amountMinor: amountOf(note, invoice),
      issuedOn: note.issuedAt.slice(0, 10),
      invoice,
    };
    return {
      id: note.id,
      cursor: { at: note.issuedAt, position: note.position },
      isOnHold: false,
      accounting: toAccountedNote(accounted, { ...terms, productFields }),
    };
  });
}

/** Credit notes that were issued here. */
export const CREDIT_NOTES: AccountingSource = {
  async list(ctx, filter, terms, { after, limit }) {
    const of = { ...filter, environmentId: ctx.environment.id };
    return accountNotes(ctx, await listAccountingNotes(ctx.db, of, after, limit), terms);
  },
  read: async (ctx, terms, ids) =>
    accountNotes(ctx, await listNotesByIds(ctx.db, ctx.environment.id, ids), terms),
};
