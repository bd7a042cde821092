import type { AmountRounding } from "../../domain/round-quotient.ts";
import type { QuantityChange } from "../../domain/subscriptions/subscription.ts";
import { type Interval, instantText, isAfter } from "../../domain/time.ts";
import type { SubscriptionDetail } from "../../operations/load-subscription-details.ts";
import { present } from "./commit.ts";

/** A subscription as contracts show it. */
export const toSubscriptionView = ({
  row,
  subscription,
  productName,
  fiatCreditTypeId,
  usageAnchorAt,
  customFields,
  periods,
  now,
}: SubscriptionDetail) => ({
  id: row.id,
  ...present({
    name: row.name,
    description: row.description,
    ending_before: row.ending_before,
  }),
  starting_at: row.starting_at,
  subscription_rate: {
    billing_frequency: row.billing_frequency,
    product: { id: row.product_id, name: productName },
  },
  collection_schedule: row.collection_schedule,
  proration: {
    is_prorated: row.is_prorated,
    invoice_behavior: row.invoice_behavior,
    ...(subscription.prorationRounding === null
      ? {}
      : { rounding: toRoundingView(subscription.prorationRounding) }),
  },
  billing_cycle_config: {
    anchor_date: row.anchor_at ?? usageAnchorAt,
    invoice_placement: row.invoice_placement,
  },
  quantity_management_mode: subscription.seats === null ? "QUANTITY_ONLY" : "SEAT_BASED",
  ...(subscription.seats === null
    ? {}
    : { seat_config: { seat_group_key: subscription.seats.groupKey } }),
  quantity_schedule: toQuantitySchedule(subscription.quantities)
    .filter(({ endsAt }) => endsAt === undefined || isAfter(endsAt, now))
    .map(({ view }) => view),
  billing_periods: {
    ...toPeriodView("previous", periods.previous),
    ...toPeriodView("current", periods.current),
    ...toPeriodView("next", periods.next),
  },
  fiat_credit_type_id: fiatCreditTypeId,
  custom_fields: customFields,
});

const toRoundingView = ({ method, decimalPlaces }: AmountRounding) => ({
  rounding_method: method,
  decimal_places: decimalPlaces,
});

const toQuantitySchedule = (changes: readonly QuantityChange[]) =>
  changes.map(({ quantity, startingAt }, n) => {
    const endsAt = changes[n + 1]?.startingAt;
    return {
      endsAt,
      view: {
        quantity,
        starting_at: instantText(startingAt),
        ...(endsAt === undefined ? {} : { ending_before: instantText(endsAt) }),
      },
    };
  });

const toPeriodView = (name: string, period: Interval | undefined) =>
  period === undefined
    ? {}
    : {
        [name]: {
          starting_at: instantText(period.start),
          ending_before: instantText(period.end),
        },
      };
