import type { CoreTransaction } from "../db/database.ts";
import { reviewHash } from "../domain/invoices/review-hash.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { confirmCalculation, listLastCalculations } from "../store/bill-calculations.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { updateApproval } from "../store/invoice-review.ts";
import { getInvoice, type InvoiceRecord } from "../store/invoices.ts";
import { billRegenerated } from "./bill-regenerated.ts";
import type { OperationContext } from "./context.ts";
import { type RatedDraft, rateDrafts } from "./rate-drafts.ts";

/** What a calculation found of one bill. */
export interface Recalculation {
  readonly invoiceId: string;
  /** Its content is another one than at the last calculation, or this was the first. */
  readonly changed: boolean;
  readonly version: number;
  readonly hash: string;
}

export interface CalculationScope {
  readonly isMeant: (draft: InvoiceRecord) => boolean;
  /** null: a single recalculation. */
  readonly billJobId: string | null;
}

/**
 * Calculates one draft anew. When its content has changed since the last calculation it has a new version,
 * and an approval of something else is taken back. Takes the customer's invoicing turn. Throws
 * AppError (conflict) for what is final; not_found.
 */
export async function recalculateBill(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoiceId: string,
): Promise<Recalculation> {
  const { customerId } = await getInvoice(tx, ctx.environment.id, invoiceId);
  const [found] = await recalculateCustomer(tx, ctx, customerId, {
    isMeant: ({ id }) => id === invoiceId,
    billJobId: null,
  });
  if (found === undefined) {
    throw conflict(`Bill ${invoiceId} is final: it is not calculated any more`, "bill_final");
  }
  return found;
}

/** As recalculateBill, of those drafts of a customer that are meant: they are rated in one go. */
export async function recalculateCustomer(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  { isMeant, billJobId }: CalculationScope,
): Promise<Recalculation[]> {
  await takeInvoicingTurn(tx, customerId);
  const { drafts } = await rateDrafts({ ...ctx, db: tx }, customerId);
  const meant = drafts.filter(({ record }) => record.review.lock === null && isMeant(record));
  const last = await listLastCalculations(
    tx,
    meant.map(({ record }) => record.id),
  );
  const found: Recalculation[] = [];
  for (const draft of meant) {
    const before = last.get(draft.record.id);
    const hash = reviewHash(draft.rated);
    const changed = before?.contentHash !== hash;
    const invoiceId = draft.record.id;
    const version = (before?.version ?? 0) + (changed ? 1 : 0);
    if (changed) {
      const { record, rated } = draft;
      await billRegenerated(tx, ctx, { record, rated, version, hash, billJobId });
    } else {
      const calculatedAt = instantText(ctx.now);
      await confirmCalculation(tx, { invoiceId, version }, { calculatedAt, billJobId });
    }
    await dropOtherApproval(tx, draft, hash);
    found.push({ invoiceId, changed, version, hash });
  }
  return found;
}

/**
 * What was approved was something else: the bill is pending again (m3ter docs: "Recalculating bills"),
 * also where no approval is asked for.
 */
async function dropOtherApproval(
  tx: CoreTransaction,
  { record }: RatedDraft,
  hash: string,
): Promise<void> {
  const { approval } = record.review;
  if (approval !== null && approval.hash !== hash) await updateApproval(tx, record.id, null);
}
