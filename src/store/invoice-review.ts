import type { CoreTransaction } from "../db/database.ts";

/** Who decided something, and when (a canonical instant). */
export interface Decided {
  readonly at: string;
  readonly by: string;
}

/** Notes that a draft was approved as it was seen; null: that it is not approved any more. */
export async function updateApproval(
  tx: CoreTransaction,
  invoiceId: string,
  approval: (Decided & { readonly hash: string }) | null,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({
      approved_at: approval?.at ?? null,
      approved_by: approval?.by ?? null,
      approved_hash: approval?.hash ?? null,
    })
    .where("id", "=", invoiceId)
    .execute();
}

/** Puts an invoice on hold; null: lets it go on. */
export async function updateHold(
  tx: CoreTransaction,
  invoiceId: string,
  hold: (Decided & { readonly reason: string }) | null,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({
      held_at: hold?.at ?? null,
      held_by: hold?.by ?? null,
      hold_reason: hold?.reason ?? null,
    })
    .where("id", "=", invoiceId)
    .execute();
}

/** Locks a finalized invoice for good. */
export async function updateLock(
  tx: CoreTransaction,
  invoiceId: string,
  { at, by }: Decided,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({ locked_at: at, locked_by: by })
    .where("id", "=", invoiceId)
    .execute();
}

/** Gives a draft an issue date of its own. */
export async function updateIssueDate(
  tx: CoreTransaction,
  invoiceId: string,
  issueAt: string,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({ issue_moved_at: issueAt })
    .where("id", "=", invoiceId)
    .where("status", "=", "DRAFT")
    .execute();
}
