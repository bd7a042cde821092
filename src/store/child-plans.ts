import type { ChildPlanRow } from "../db/tables/recurring-commits.ts";
import { dec, toText } from "../domain/decimal.ts";
import type { ChildPlan } from "../domain/recurring/child-plan.ts";
import type { UnitAmount } from "../domain/recurring/recurring-commit.ts";
import { type Interval, instant, instantText } from "../domain/time.ts";

/** A child's plan as it is stored with the child. */
export const fromChildPlan = (plan: ChildPlan): ChildPlanRow => ({
  whole: fromInterval(plan.whole),
  active: fromInterval(plan.active),
  counted: fromInterval(plan.counted),
  basis: plan.basis,
  access_ending_before: instantText(plan.accessEndingBefore),
  access: fromUnitAmount(plan.access),
  ...(plan.seats === undefined
    ? {}
    : { seats: { group_key: plan.seats.groupKey, seat_ids: [...plan.seats.seatIds] } }),
  invoice: plan.invoice && fromUnitAmount(plan.invoice),
  rate_type: plan.rateType,
});

/** A stored plan as the domain sees it. */
export const toChildPlan = (recurringCommitId: string, row: ChildPlanRow): ChildPlan => ({
  recurringCommitId,
  whole: toInterval(row.whole),
  active: toInterval(row.active),
  counted: toInterval(row.counted),
  basis: row.basis,
  accessEndingBefore: instant(row.access_ending_before),
  access: toUnitAmount(row.access),
  ...(row.seats === undefined
    ? {}
    : { seats: { groupKey: row.seats.group_key, seatIds: row.seats.seat_ids } }),
  invoice: row.invoice && toUnitAmount(row.invoice),
  rateType: row.rate_type,
});

const fromInterval = ({ start, end }: Interval) => ({
  start: instantText(start),
  end: instantText(end),
});

const toInterval = ({ start, end }: ChildPlanRow["whole"]): Interval => ({
  start: instant(start),
  end: instant(end),
});

const fromUnitAmount = ({ unitPrice, quantity }: UnitAmount) => ({
  unit_price: toText(unitPrice),
  quantity: toText(quantity),
});

const toUnitAmount = (row: ChildPlanRow["access"]): UnitAmount => ({
  unitPrice: dec(row.unit_price),
  quantity: dec(row.quantity),
});
