import { type Decimal, minus, plus, ZERO } from "../domain/decimal.ts";
import type { ImportedInvoice } from "../domain/invoices/imported-invoice.ts";
import { AppError } from "../errors.ts";
import type { OperationContext } from "../operations/context.ts";
import { importInvoices } from "../operations/import-invoices.ts";
import type { InvoiceDetail } from "../operations/read-invoices.ts";
import { listUsageInvoicePeriods } from "../store/imported-invoices.ts";
import type { Refusal } from "./cells.ts";
import type { FileInvoice } from "./read-invoices.ts";

/** What came of the invoices of a file. */
export interface ImportOutcome {
  readonly imported: number;
  readonly lines: number;
  /** Invoices whose very period was imported before: an earlier run got that far. */
  readonly alreadyThere: number;
  readonly refusals: readonly Refusal[];
  /** Of those that were imported now. */
  readonly total: Decimal;
  /** Of those of them whose billed total the file tells: both totals, and how many differ. */
  readonly compared: {
    readonly count: number;
    readonly total: Decimal;
    readonly billed: Decimal;
    readonly differing: readonly { readonly invoice: string; readonly difference: Decimal }[];
  };
}

/**
 * Imports the invoices of a file, a customer at a time: all of a customer's go in together, so that
 * they burn its commits in order; those that are refused are left out. Run again, it goes on where it
 * stopped.
 */
export async function importFile(
  ctx: OperationContext,
  invoices: readonly FileInvoice[],
  {
    preview,
    onProgress,
  }: { readonly preview: boolean; readonly onProgress: (done: number) => void },
): Promise<ImportOutcome> {
  const made: { file: FileInvoice; detail: InvoiceDetail }[] = [];
  const refusals: Refusal[] = [];
  let alreadyThere = 0;
  let done = 0;
  for (const own of Map.groupBy(invoices, ({ invoice }) => invoice.customerId).values()) {
    const open = await withoutImported(ctx, own);
    alreadyThere += own.length - open.length;
    for (const { file, result } of await importTogether(ctx, open, preview)) {
      if ("reason" in result) refusals.push(result);
      else made.push({ file, detail: result });
    }
    done += own.length;
    onProgress(done);
  }
  return { ...summarize(made), alreadyThere, refusals };
}

interface Result {
  readonly file: FileInvoice;
  readonly result: InvoiceDetail | Refusal;
}

async function withoutImported(
  ctx: OperationContext,
  files: readonly FileInvoice[],
): Promise<FileInvoice[]> {
  const contractIds = files.map(({ invoice }) => invoice.contractId);
  const known = await listUsageInvoicePeriods(ctx.db, contractIds);
  const isThere = ({ contractId, period }: ImportedInvoice) =>
    known.some(
      (other) =>
        other.imported &&
        other.status === "FINALIZED" &&
        other.contractId === contractId &&
        other.period.start.equals(period.start) &&
        other.period.end.equals(period.end),
    );
  return files.filter(({ invoice }) => !isThere(invoice));
}

/** All that can be, in one go: what is refused is left out, until the rest is taken. */
async function importTogether(
  ctx: OperationContext,
  files: readonly FileInvoice[],
  preview: boolean,
): Promise<Result[]> {
  const refused: Result[] = [];
  let open = files;
  while (open.length > 0) {
    try {
      const invoices = open.map(({ invoice }) => invoice);
      const details = await importInvoices(ctx, invoices, { preview });
      const made = open.map((file, index) => ({ file, result: details[index] as InvoiceDetail }));
      return [...refused, ...made];
    } catch (error) {
      const culprit = error instanceof AppError && open[placeOf(error, "invoices") ?? -1];
      // Not about one of them: the database is away, the disk is full.
      if (!culprit) throw error;
      refused.push({ file: culprit, result: toRefusal(culprit, error, open) });
      open = open.filter((file) => file !== culprit);
    }
  }
  return refused;
}

/** "invoices[2].usage_line_items[3].quantity": 2 of invoices, 3 of usage_line_items. */
function placeOf({ field, message }: AppError, list: string): number | undefined {
  const index = new RegExp(`${list}\\[(\\d+)\\]`).exec(field ?? message)?.[1];
  return index === undefined ? undefined : Number(index);
}

function toRefusal(
  { number, rows }: FileInvoice,
  error: AppError,
  asked: readonly FileInvoice[],
): Refusal {
  const row = rows[placeOf(error, "usage_line_items") ?? -1];
  // Places in the request mean nothing to whoever has the file.
  const reason = error.message
    .replace(/^invoices\[\d+\]\.?\s?/, "")
    .replace(/invoices\[(\d+)\]/g, (_, index) => asked[Number(index)]?.number ?? "");
  return { rows: row === undefined ? rows : [row], key: number, reason };
}

function summarize(made: readonly { file: FileInvoice; detail: InvoiceDetail }[]) {
  const told = made.flatMap(({ file, detail }) => {
    const { billedTotal } = detail.record;
    return billedTotal === null ? [] : [{ file, total: detail.total, billed: billedTotal }];
  });
  const sumOf = (amounts: readonly Decimal[]) => amounts.reduce(plus, ZERO);
  const differing = told
    .map(({ file, total, billed }) => ({ invoice: file.number, difference: minus(total, billed) }))
    .filter(({ difference }) => !difference.eq(ZERO));
  return {
    imported: made.length,
    lines: made.reduce((count, { file }) => count + file.rows.length, 0),
    total: sumOf(made.map(({ detail }) => detail.total)),
    compared: {
      count: told.length,
      total: sumOf(told.map(({ total }) => total)),
      billed: sumOf(told.map(({ billed }) => billed)),
      differing,
    },
  };
}
