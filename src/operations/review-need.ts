import type { CoreTransaction } from "../db/database.ts";
import type { InvoicingPolicies } from "../domain/invoices/policies.ts";
import { reviewHash } from "../domain/invoices/review-hash.ts";
import { updateApproval } from "../store/invoice-review.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import type { RatedDraft } from "./rate-drafts.ts";

/** What a person has to do before a draft is finalized. */
export type ReviewNeed = "approval" | "release";

/** What holds for each contract, by its id. */
export type Policies = ReadonlyMap<string, InvoicingPolicies>;

const needsApproval = ({ contractId }: InvoiceRecord, policies: Policies): boolean =>
  policies.get(contractId)?.finalization === "on_approval";

/** What has to be done by a person before this draft is finalized; undefined: nothing. */
export function reviewNeedOf(record: InvoiceRecord, policies: Policies): ReviewNeed | undefined {
  if (record.review.hold !== null) return "release";
  if (record.review.approval === null && needsApproval(record, policies)) return "approval";
  return undefined;
}

/** Whether a draft has changed since it was approved, where that matters. */
export const isOutdated = (
  record: InvoiceRecord,
  rated: RatedDraft["rated"],
  policies: Policies,
): boolean =>
  needsApproval(record, policies) &&
  record.review.approval !== null &&
  record.review.approval.hash !== reviewHash(rated);

/** What was approved is what is issued: an approval of something else is taken back. */
export async function dropOutdatedApproval(
  tx: CoreTransaction,
  ctx: OperationContext,
  { record, rated }: RatedDraft,
  policies: Policies,
): Promise<boolean> {
  if (!isOutdated(record, rated, policies)) return false;
  await updateApproval(tx, record.id, null);
  ctx.services.logger.warn(
    { invoiceId: record.id, customerId: record.customerId },
    "an invoice has changed since it was approved, and waits for approval again",
  );
  return true;
}
