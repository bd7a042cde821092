import type { CoreDb } from "../db/database.ts";
import type { Decimal } from "../domain/decimal.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import type { StoredStep } from "../domain/invoices/stored-step.ts";
import { assert, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { toStoredTraces } from "../store/invoice-lines.ts";
import { findTraces } from "../store/invoice-traces.ts";
import { getInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { listUnitNames } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";
import { rateDrafts } from "./rate-drafts.ts";

/** A line with the steps that led to its amount, first step first. */
export interface ExplainedLine {
  readonly line: InvoiceLine;
  readonly steps: readonly StoredStep[];
}

export interface ExplainedInvoice {
  readonly record: InvoiceRecord;
  readonly subtotal: Decimal;
  readonly total: Decimal;
  /** null while it is a draft: nothing is fixed yet. */
  readonly contentHash: string | null;
  readonly lines: readonly ExplainedLine[];
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
}

/**
 * How each amount of an invoice came about: of a final one as it was then, of a draft as it is now.
 * With `lineKey` that line alone. Throws not found.
 */
export async function explainInvoice(
  ctx: OperationContext,
  id: string,
  lineKey: string | undefined,
): Promise<ExplainedInvoice> {
  const read = async (db: CoreDb): Promise<ExplainedInvoice> => {
    const record = await getInvoice(db, ctx.environment.id, id);
    const all = isFrozen(record)
      ? {
          record,
          ...record.content,
          contentHash: record.content.hash,
          traces: await findTraces(db, id),
        }
      : await explainDraft({ ...ctx, db }, record);
    const lines = all.lines.filter((line) => lineKey === undefined || line.lineKey === lineKey);
    if (lineKey !== undefined && lines.length === 0) throw notFound("invoice line", lineKey);
    const { subtotal, total, contentHash, traces } = all;
    const explained = lines.map((line) => ({ line, steps: traces[line.lineKey] ?? [] }));
    const units = await listUnitNames(db, ctx.environment.id);
    return { record, subtotal, total, contentHash, lines: explained, units };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

async function explainDraft(ctx: OperationContext, record: InvoiceRecord) {
  const { drafts } = await rateDrafts(ctx, record.customerId);
  const rated = drafts.find((draft) => draft.record.id === record.id)?.rated;
  assert(rated !== undefined, `draft ${record.id} is rated`);
  const traces = toStoredTraces(rated.lines) as Record<string, StoredStep[]>;
  const { lines, subtotal, total } = rated;
  return { lines, subtotal, total, contentHash: null, traces };
}
