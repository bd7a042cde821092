import type { CoreTransaction } from "../db/database.ts";
import { isPositive, ZERO } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { LateUsagePolicy } from "../domain/invoices/policies.ts";
import {
  findLate,
  type RatedCorrection,
  rateWithLate,
  toRerating,
} from "../domain/rating/late-usage.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { assert, conflict, invalid } from "../errors.ts";
import { type FrozenInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { listCorrectionsOf, listTrueUps } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import { creditAndRebill, creditDifference } from "./credit-correction.ts";
import { issueSupplementary } from "./issue-supplementary.ts";
import { toBilledInvoice, whyNotCorrected } from "./load-billed-invoices.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";

/** How late usage of one invoice is billed, apart from others. */
export type SettlingPolicy = Extract<LateUsagePolicy, "supplementary" | "credit_note">;

/** A correction on its way. */
export interface OpenCorrection {
  readonly id: string;
  readonly invoice: FrozenInvoice;
  readonly sequence: number;
  readonly policy: SettlingPolicy;
  readonly rated: RatedCorrection;
  readonly snapshot: RatingSnapshot;
}

/**
 * Bills what a final invoice's usage comes to now less what is billed of it, in the customer's
 * invoicing turn: by a supplementary invoice, or by credit notes when less is owed than was billed.
 * With `credit_note`, what was billed of usage is credited and billed anew. Answers the correction's
 * id, or undefined when its usage is what was billed. Throws AppError when it cannot be corrected.
 */
export async function correctUsageOf(
  tx: CoreTransaction,
  ctx: OperationContext,
  record: InvoiceRecord,
  policy: SettlingPolicy,
): Promise<string | undefined> {
  const invoice = requireCorrectable(record);
  const scope = { ...ctx, db: tx };
  const billed = await toBilledInvoice(tx, invoice);
  const snapshot = await loadRatingSnapshot(tx, scope, invoice.customerId, [toRerating(billed)]);
  if (snapshot.requests.length === 0) {
    throw conflict(`The contract of invoice ${invoice.id} is archived`, "contract_archived");
  }
  const late = findLate(snapshot, [billed]);
  if (late.length === 0) return undefined;
  const trueUps = await listTrueUps(tx, invoice.customerId);
  const [rated] = rateWithLate(snapshot, [], late, trueUps).corrections;
  assert(rated !== undefined, `invoice ${invoice.id} was rated once more`);
  const sequence = (await listCorrectionsOf(tx, invoice.id)).length + 1;
  const id = uuidV5(invoice.id, `correction/${sequence}`);
  await bill(tx, scope, { id, invoice, sequence, policy, rated, snapshot });
  return id;
}

async function bill(
  tx: CoreTransaction,
  ctx: OperationContext,
  correction: OpenCorrection,
): Promise<void> {
  const { rated, policy } = correction;
  if (rated.total.lt(ZERO)) return creditDifference(tx, ctx, correction);
  if (policy === "credit_note" && isPositive(rated.total)) {
    if (await creditAndRebill(tx, ctx, correction)) return;
  }
  await issueSupplementary(tx, ctx, correction, rated);
}

function requireCorrectable(invoice: InvoiceRecord): FrozenInvoice {
  const { id, status, type, imported, correctedInvoiceId } = invoice;
  if (status !== "FINALIZED" || !isFrozen(invoice)) {
    throw invalid(`Invoice ${id} is ${status}: only a finalized invoice is corrected`, "id");
  }
  if (type !== "USAGE" || imported) {
    const why = imported ? "was issued elsewhere" : "bills no usage";
    throw invalid(`Invoice ${id} ${why}: it has no late usage`, "id");
  }
  if (correctedInvoiceId !== null) {
    throw invalid(`Invoice ${id} corrects ${correctedInvoiceId}: correct that one`, "id");
  }
  const why = whyNotCorrected(invoice);
  if (why !== undefined) {
    throw conflict(`Invoice ${id} cannot be corrected by itself: ${why}`, "not_correctable");
  }
  return invoice;
}
