import type { TraceStep } from "../invoices/trace.ts";
import { shareOf } from "../subscriptions/proration.ts";
import { type ChildPlan, plannedPurchase } from "./child-plan.ts";

type PurchaseStep = Extract<TraceStep, { readonly step: "recurring-period" }>;

/** How the amount that a child is billed for came about; null: nothing is billed. */
export function purchaseStep(plan: ChildPlan): PurchaseStep | null {
  const purchase = plannedPurchase(plan);
  if (plan.invoice === null || purchase === null) return null;
  const { whole, counted, basis } = plan;
  return {
    step: "recurring-period",
    recurringCommitId: plan.recurringCommitId,
    periodStart: whole.start,
    periodEnd: whole.end,
    countedFrom: counted.start,
    countedUntil: counted.end,
    basis,
    ...shareOf(counted, whole, basis),
    ...plan.invoice,
    amount: purchase.amount,
  };
}
