import { type Static, Type } from "typebox";
import type { ChargeFrequency } from "../../domain/contracts/recurring-schedule.ts";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import type { PriceTerms, ScheduleTerms } from "../../operations/plan-schedule.ts";
import { DecimalField, EnumField, IdField, InstantField, ObjectField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const FREQUENCIES = [
  "MONTHLY",
  "QUARTERLY",
  "SEMI_ANNUAL",
  "ANNUAL",
  "WEEKLY",
] as const satisfies readonly ChargeFrequency[];

/** Enough for a weekly schedule over 19 years. */
export const MAX_SCHEDULE_ITEMS = 1000;

/** A price in a body: an amount, or a unit price and a quantity. */
export const prices = {
  amount: Type.Optional(DecimalField({ minimum: "0" })),
  unit_price: Type.Optional(DecimalField({ minimum: "0" })),
  quantity: Type.Optional(DecimalField({ minimum: "0" })),
};

const scheduleFields = {
  credit_type_id: Type.Optional(IdField()),
  schedule_items: Type.Optional(
    NullableField(
      Type.Array(ObjectField({ timestamp: InstantField(), ...prices }), {
        maxItems: MAX_SCHEDULE_ITEMS,
      }),
    ),
  ),
  recurring_schedule: Type.Optional(
    NullableField(
      ObjectField({
        starting_at: InstantField(),
        ending_before: InstantField(),
        frequency: EnumField(FREQUENCIES),
        amount_distribution: EnumField(["DIVIDED", "DIVIDED_ROUNDED", "EACH"]),
        ...prices,
      }),
    ),
  ),
};

/** When a charge is billed, and how much each time. */
export const ChargeScheduleField = () =>
  ObjectField(scheduleFields, { unsupported: { do_not_invoice: false } });

/** As a charge's schedule; `do_not_invoice` keeps it as a note of what was agreed elsewhere. */
export const PurchaseScheduleField = () =>
  ObjectField({ ...scheduleFields, do_not_invoice: Type.Optional(NullableField(Type.Boolean())) });

type ScheduleBody = Static<ReturnType<typeof ChargeScheduleField>>;
type PriceBody = { amount?: string; unit_price?: string; quantity?: string };

/** A price as operations take it. */
export const fromPrice = ({ amount, unit_price, quantity }: PriceBody): PriceTerms => ({
  amount: amount === undefined ? undefined : dec(amount),
  unitPrice: unit_price === undefined ? undefined : dec(unit_price),
  quantity: quantity === undefined ? undefined : dec(quantity),
});

/** A schedule as operations take it. */
export function fromSchedule(body: ScheduleBody): ScheduleTerms {
  const { schedule_items: items, recurring_schedule: recurring } = body;
  return {
    creditTypeId: body.credit_type_id,
    items: items?.map((item) => ({ at: instant(item.timestamp), ...fromPrice(item) })),
    recurring: recurring
      ? {
          startingAt: instant(recurring.starting_at),
          endingBefore: instant(recurring.ending_before),
          frequency: recurring.frequency,
          distribution: recurring.amount_distribution,
          ...fromPrice(recurring),
        }
      : undefined,
  };
}
