import type {
  AccountingCodes,
  AccountingDocument,
} from "../domain/accounting/accounting-document.ts";
import type { AccountingFormat } from "../domain/accounting/accounting-format.ts";
import type { AccountingTerms } from "../domain/accounting/to-accounting-document.ts";
import { toText } from "../domain/decimal.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { AccountingFilter } from "../store/accounting-invoices.ts";
import { getCustomer } from "../store/customers.ts";
import type { InvoiceCursor } from "../store/invoice-list.ts";
import { type Accounted, type AccountingSource, CREDIT_NOTES } from "./accounting-sources.ts";
import type { OperationContext } from "./context.ts";

/** What a file cannot take, and is left out when that is wanted. */
export const LEAVABLE = ["negative_totals", "on_hold", "taxed"] as const;
export type Leavable = (typeof LEAVABLE)[number];

export interface AccountingRequest {
  readonly source: AccountingSource;
  readonly format: AccountingFormat;
  readonly kind: AccountingTerms["kind"];
  readonly filter: Omit<AccountingFilter, "environmentId" | "onlyNegative">;
  readonly defaults: AccountingCodes;
  readonly numberPrefix: string;
  readonly withZeroLines: boolean;
  /** Days to pay where no terms say any. */
  readonly netTermsDays: number;
  readonly leaveOut: ReadonlySet<Leavable>;
  readonly after: InvoiceCursor | undefined;
}

/** One file, within what the system imports at once. */
export interface AccountingFile {
  readonly documentCount: number;
  readonly rowCount: number;
  /** Invoices of its stretch that it has not: left out as asked, or without a line of money. */
  readonly leftOutCount: number;
  /** Where the next file begins; undefined: this is the last. */
  readonly next: InvoiceCursor | undefined;
  /** Its documents, some at a time, so that a file of any length needs little memory. */
  readonly documents: () => AsyncGenerator<readonly AccountingDocument[]>;
}

/** Invoices that are looked at together. */
const PAGE = 25;

/**
 * Looks through the invoices of a file before its first byte is sent: what cannot be booked is refused as a
 * whole, by name. What it then sends are exactly the invoices it found. Throws AppError.
 */
export async function openAccountingFile(
  ctx: OperationContext,
  request: AccountingRequest,
): Promise<AccountingFile> {
  const { customerId } = request.filter;
  if (customerId !== undefined) await getCustomer(ctx.db, ctx.environment.id, customerId);
  const found = await findExtent(ctx, request);
  return {
    documentCount: found.ids.length,
    rowCount: found.rowCount,
    leftOutCount: found.leftOutCount,
    next: found.next,
    documents: () => readDocuments(ctx, request, found.ids),
  };
}

async function findExtent(ctx: OperationContext, request: AccountingRequest) {
  const { maxDocuments, maxRows } = request.format;
  const ids: string[] = [];
  let rowCount = 0;
  let leftOutCount = 0;
  let after = request.after;
  for (;;) {
    const place = { after, limit: PAGE };
    const page = await inOneState(ctx, (of) =>
      request.source.list(of, request.filter, request, place),
    );
    for (const one of page) {
      const document = documentOf(one, request);
      if (document === undefined) {
        if (!isOtherFile(one, request)) leftOutCount += 1;
      } else {
        const rows = document.lines.length;
        if (ids.length === maxDocuments || rowCount + rows > maxRows) {
          return { ids, rowCount, leftOutCount, next: after };
        }
        ids.push(one.id);
        rowCount += rows;
      }
      after = one.cursor;
    }
    if (page.length < PAGE) return { ids, rowCount, leftOutCount, next: undefined };
  }
}

/** Reads in one snapshot. */
const inOneState = <Result>(
  ctx: OperationContext,
  read: (ctx: OperationContext) => Promise<Result>,
): Promise<Result> => inTransaction(ctx.db, (db) => read({ ...ctx, db }), { oneSnapshot: true });

/** Whether it belongs to the file of invoices, and this is one of credit notes: nobody misses it here. */
const isOtherFile = (
  { accounting }: Pick<Accounted, "accounting">,
  { kind }: AccountingRequest,
): boolean => kind === "credit_note" && accounting.outcome === "other_kind";

/** The document in this file; undefined: it has none there. Throws AppError (invalid). */
function documentOf(
  { id, isOnHold, accounting }: Accounted,
  request: AccountingRequest,
): AccountingDocument | undefined {
  const { format, leaveOut } = request;
  const { title, maxLines } = format;
  switch (accounting.outcome) {
    case "empty":
      return undefined;
    case "refuse":
      throw invalid(accounting.message);
    case "other_kind":
      if (isOtherFile({ accounting }, request) || leaveOut.has("negative_totals")) return undefined;
      throw invalid(
        `Invoice ${id} comes to ${toText(accounting.total)}, and ${title} takes no invoice below zero: it goes into the file of documents=credit_notes, and leave_out=negative_totals leaves it out of this one`,
        "leave_out",
      );
    case "taxed":
      if (leaveOut.has("taxed")) return undefined;
      throw invalid(
        `${nameOf(request, id)} has tax as a line of its own, and ${title} would work out tax on that once more: book it by hand, and leave such ones out with leave_out=taxed`,
        "leave_out",
      );
    case "document": {
      if (isOnHold) {
        if (leaveOut.has("on_hold")) return undefined;
        throw invalid(
          `Invoice ${id} is on hold: release it, or leave what is held out with leave_out=on_hold`,
          "leave_out",
        );
      }
      const { document } = accounting;
      if (document.lines.length > maxLines) {
        throw invalid(
          `${nameOf(request, id)} has ${document.lines.length} lines, and ${title} imports ${maxLines} of one document at most`,
        );
      }
      return document;
    }
  }
}

async function* readDocuments(
  ctx: OperationContext,
  request: AccountingRequest,
  ids: readonly string[],
): AsyncGenerator<readonly AccountingDocument[]> {
  for (let from = 0; from < ids.length; from += PAGE) {
    const some = ids.slice(from, from + PAGE);
    const page = await inOneState(ctx, (of) => request.source.read(of, request, some));
    // What was looked through a moment ago is refused now only when somebody took a code away meanwhile.
    yield page.map(({ id, accounting }) => {
      if (accounting.outcome === "document") return accounting.document;
      throw invalid(`${nameOf(request, id)} cannot be booked any more: its codes have changed`);
    });
  }
}

const nameOf = ({ source }: AccountingRequest, id: string): string =>
  `${source === CREDIT_NOTES ? "Credit note" : "Invoice"} ${id}`;
