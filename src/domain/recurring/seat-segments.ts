import { type Decimal, ONE } from "../decimal.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { type ChildPlan, childIds, plannedAmount } from "./child-plan.ts";

/** What a child grants one seat, for its usage alone. */
export interface SeatSegment {
  readonly id: string;
  readonly seatId: string;
  readonly amount: Decimal;
}

/** The segment of a seat in a child: the same however often the seat comes and goes. */
export const seatSegmentId = (childId: string, seatId: string): string =>
  uuidV5(childId, `seat/${seatId}`);

/** The seats that a child grants value when it begins, each the amount of one unit. */
export function seatSegments(plan: ChildPlan): SeatSegment[] {
  const { id: childId } = childIds(plan);
  const amount = plannedAmount(plan, { unitPrice: plan.access.unitPrice, quantity: ONE });
  return (plan.seats?.seatIds ?? []).map((seatId) => ({
    id: seatSegmentId(childId, seatId),
    seatId,
    amount,
  }));
}
