import { instant, isAfter } from "../../../domain/time.ts";
import type { PauseBehavior } from "../../db/subscription-tables.ts";
import type { Scope } from "../../scope.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import { markUncollectible, voidInvoice } from "../close-invoice.ts";
import { finalizeDraft } from "../finalize-invoice.ts";

/** How collection is paused now; null: it is not. */
const pauseOf = (scope: Scope, row: SubscriptionRow): PauseBehavior | null =>
  row.pause_resumes_at !== null && !isAfter(instant(row.pause_resumes_at), instant(scope.nowAt))
    ? null
    : row.pause_behavior;

/**
 * Whether the money of a subscription's new invoices is asked for: not while its collection is paused,
 * and not once it is unpaid (Stripe docs: Pause payment collection; Subscription statuses).
 */
export const isCollected = (scope: Scope, row: SubscriptionRow): boolean =>
  row.status !== "unpaid" && pauseOf(scope, row) === null;

/**
 * What becomes of a draft whose money is not asked for: it stays one, unless the pause says that it is
 * finalized and then voided or given up.
 */
export async function setAside(
  scope: Scope,
  row: SubscriptionRow,
  draft: InvoiceRow,
): Promise<void> {
  const pause = pauseOf(scope, row);
  if (pause === null || pause === "keep_as_draft") return;
  const { id, status } = await finalizeDraft(scope, draft, { autoAdvance: false, charge: false });
  if (status !== "open") return;
  await (pause === "void" ? voidInvoice(scope, id) : markUncollectible(scope, id));
}
