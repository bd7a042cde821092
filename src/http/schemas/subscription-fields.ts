import { type Static, Type } from "typebox";
import { type Decimal, dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import type { SubscriptionTerms } from "../../operations/add-subscriptions.ts";
import { BILLING_FREQUENCIES } from "./billing-frequencies.ts";
import {
  CustomFieldsField,
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromRounding, RoundingField } from "./rounding-field.ts";
import { fromSeatConfig, SeatConfigField } from "./seat-fields.ts";

const BillingCycleField = ObjectField({
  anchor_date: Type.Optional(NullableField(InstantField())),
  invoice_placement: Type.Optional(
    NullableField(EnumField(["ON_USAGE_INVOICE", "ON_SCHEDULED_INVOICE"])),
  ),
});

/** A subscription of a contract to create. */
export const SubscriptionField = () =>
  ObjectField({
    subscription_rate: ObjectField({
      billing_frequency: EnumField(BILLING_FREQUENCIES),
      product_id: IdField(),
    }),
    collection_schedule: EnumField(["ADVANCE", "ARREARS"]),
    proration: ObjectField({
      is_prorated: Type.Optional(NullableField(Type.Boolean())),
      invoice_behavior: Type.Optional(
        NullableField(EnumField(["BILL_IMMEDIATELY", "BILL_ON_NEXT_COLLECTION_DATE"])),
      ),
      rounding: Type.Optional(NullableField(RoundingField())),
    }),
    billing_cycle_config: Type.Optional(NullableField(BillingCycleField)),
    seat_config: Type.Optional(NullableField(SeatConfigField())),
    quantity_management_mode: Type.Optional(EnumField(["QUANTITY_ONLY", "SEAT_BASED"])),
    initial_quantity: Type.Optional(NullableField(DecimalField({ minimum: "0" }))),
    starting_at: Type.Optional(NullableField(InstantField({ onHour: true }))),
    ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
    name: Type.Optional(TextField({ max: 1024 })),
    description: Type.Optional(TextField({ max: 4096 })),
    custom_fields: Type.Optional(CustomFieldsField()),
    /** What recurring commits in the same body call it by. */
    temporary_id: Type.Optional(NullableField(TextField({ max: 200 }))),
  });

/** A subscription as operations take it; `path` names it in messages. */
export function fromSubscription(
  body: Static<ReturnType<typeof SubscriptionField>>,
  path: string,
): SubscriptionTerms {
  const { subscription_rate: rate, proration } = body;
  const { anchor_date: anchor, invoice_placement: placement } = body.billing_cycle_config ?? {};
  const { quantity, seats } = fromQuantity(body, path);
  return {
    productId: rate.product_id,
    billingFrequency: rate.billing_frequency,
    collectionSchedule: body.collection_schedule,
    isProrated: proration.is_prorated ?? false,
    prorationRounding: proration.rounding == null ? null : fromRounding(proration.rounding),
    invoicePlacement: placement ?? "ON_USAGE_INVOICE",
    anchorAt: anchor == null ? null : instant(anchor),
    invoiceBehavior: proration.invoice_behavior ?? "BILL_ON_NEXT_COLLECTION_DATE",
    initialQuantity: quantity,
    seats,
    startingAt: body.starting_at == null ? undefined : instant(body.starting_at),
    endingBefore: body.ending_before == null ? null : instant(body.ending_before),
    name: body.name ?? null,
    description: body.description ?? null,
    customFields: body.custom_fields,
    temporaryId: body.temporary_id ?? undefined,
  };
}

/** Each mode has a field of its own, and the other's is a mistake. */
function fromQuantity(
  body: Static<ReturnType<typeof SubscriptionField>>,
  path: string,
): { quantity: Decimal; seats: SubscriptionTerms["seats"] } {
  const { quantity_management_mode: mode, initial_quantity: quantity, seat_config: seats } = body;
  const isSeated = mode === "SEAT_BASED";
  const [wanted, other] = isSeated
    ? ["seat_config", "initial_quantity"]
    : ["initial_quantity", "seat_config"];
  if ((isSeated ? quantity : seats) != null) {
    const why = `is not for quantity_management_mode ${mode ?? "QUANTITY_ONLY"}`;
    throw invalid(`${path}${other} ${why}`, `${path}${other}`);
  }
  if (isSeated && seats != null) return fromSeatConfig(seats, `${path}seat_config`);
  if (!isSeated && quantity != null) return { quantity: dec(quantity), seats: null };
  throw invalid(`${path}${wanted} is required`, `${path}${wanted}`);
}
