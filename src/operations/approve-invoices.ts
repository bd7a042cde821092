import { AppError } from "../errors.ts";
import { countAwaitingApproval, listAwaitingApproval } from "../store/invoice-review-list.ts";
import { approveInvoice } from "./approve-invoice.ts";
import type { OperationContext } from "./context.ts";

/** Which invoices: these, or the usage invoices of all periods that end at an instant. */
export type ApprovalScope = { readonly ids: readonly string[] } | { readonly endingAt: string };

export interface ApprovalOutcome {
  readonly approved: readonly string[];
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
  /** Of a period: how many still wait, because one call approves a hundred. */
  readonly remaining: number;
}

/** Of one call; each is approved in a transaction of its own. */
export const MAX_APPROVALS = 100;

/** Approves several invoices, each as approveInvoice does; one that is refused stops no other. */
export async function approveInvoices(
  ctx: OperationContext,
  scope: ApprovalScope,
): Promise<ApprovalOutcome> {
  const environmentId = ctx.environment.id;
  const ids =
    "ids" in scope
      ? [...new Set(scope.ids)]
      : await listAwaitingApproval(ctx.db, environmentId, scope.endingAt, MAX_APPROVALS);
  const approved: string[] = [];
  const refused: { id: string; reason: string }[] = [];
  for (const id of ids) {
    try {
      await approveInvoice(ctx, id);
      approved.push(id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ id, reason: error.message });
    }
  }
  const remaining =
    "ids" in scope ? 0 : await countAwaitingApproval(ctx.db, environmentId, scope.endingAt);
  return { approved, refused, remaining };
}
