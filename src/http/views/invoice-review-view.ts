import type { InvoiceDetail } from "../../operations/read-invoices.ts";

/** What people decided about an invoice, an addition of ours: only what there is. */
export function toReviewView({ record, policies }: InvoiceDetail) {
  const { approval, hold, lock } = record.review;
  const needsApproval = record.status === "DRAFT" && policies.finalization === "on_approval";
  return {
    ...(approval === null && !needsApproval
      ? {}
      : {
          approval:
            approval === null
              ? { status: "PENDING" }
              : { status: "APPROVED", approved_at: approval.at, approved_by: approval.by },
        }),
    ...(hold === null ? {} : { hold: { reason: hold.reason, held_at: hold.at, held_by: hold.by } }),
    ...(lock === null ? {} : { locked_at: lock.at, locked_by: lock.by }),
  };
}
