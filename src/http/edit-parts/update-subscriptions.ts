import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { QuantityUpdate } from "../../domain/subscriptions/plan-quantities.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import {
  type SubscriptionUpdate,
  updateSubscriptions,
} from "../../operations/update-subscriptions.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { fromRounding, RoundingField } from "../schemas/rounding-field.ts";
import { fromSeatUpdates, SeatUpdatesField } from "../schemas/seat-fields.ts";
import { editPart, many } from "./edit-part.ts";

const MAX_UPDATES = 1000;

const QuantityUpdateField = ObjectField({
  starting_at: InstantField({ onHour: true }),
  quantity: Type.Optional(DecimalField({ minimum: "0" })),
  quantity_delta: Type.Optional(DecimalField()),
});

const ModeUpdateField = ObjectField({
  quantity_management_mode: EnumField(["SEAT_BASED"]),
  seat_config: ObjectField({ seat_group_key: TextField({ max: 200 }) }),
});

const UpdateField = ObjectField({
  subscription_id: IdField(),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  proration_rounding: Type.Optional(NullableField(RoundingField())),
  quantity_management_mode_update: Type.Optional(ModeUpdateField),
  quantity_updates: Type.Optional(
    Type.Array(QuantityUpdateField, { minItems: 1, maxItems: MAX_UPDATES }),
  ),
  seat_updates: Type.Optional(SeatUpdatesField()),
});

/** New quantities, seats and terms of subscriptions. */
export const updateSubscriptionsPart = editPart({
  fields: { update_subscriptions: many(UpdateField) },
  toChange: ({ update_subscriptions: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) => updateSubscriptions(scope, updates.map(fromUpdate)),
          record: () => ({ update_subscriptions: updates.map(toRecord) }),
        },
});

type UpdateBody = Static<typeof UpdateField>;
type QuantityBody = Static<typeof QuantityUpdateField>;

function fromUpdate(update: UpdateBody, n: number): SubscriptionUpdate {
  const path = `update_subscriptions[${n}]`;
  const { subscription_id: subscriptionId, ...wishes } = update;
  if (Object.keys(wishes).length === 0) throw invalid(`${path} changes nothing`, path);
  const { ending_before: end, proration_rounding: rounding } = update;
  return {
    subscriptionId,
    seatGroupKey: update.quantity_management_mode_update?.seat_config.seat_group_key,
    quantities: (update.quantity_updates ?? []).map((change, k) =>
      fromQuantity(change, `${path}.quantity_updates[${k}]`),
    ),
    seats:
      update.seat_updates === undefined
        ? []
        : fromSeatUpdates(update.seat_updates, `${path}.seat_updates`),
    prorationRounding: rounding && fromRounding(rounding),
    endingBefore: end == null ? end : instant(end),
  };
}

function fromQuantity(body: QuantityBody, path: string): QuantityUpdate {
  const { quantity, quantity_delta: delta } = body;
  const startingAt = instant(body.starting_at);
  if (quantity !== undefined && delta === undefined) return { startingAt, quantity: dec(quantity) };
  if (quantity === undefined && delta !== undefined) return { startingAt, delta: dec(delta) };
  throw invalid(`${path} must have either quantity or quantity_delta`, path);
}

const toRecord = ({ subscription_id: id, quantity_updates: quantities, ...rest }: UpdateBody) => ({
  id,
  ...rest,
  ...(quantities === undefined
    ? {}
    : {
        quantity_updates: quantities.map(({ starting_at, quantity, quantity_delta: delta }) => ({
          starting_at,
          ...(quantity === undefined ? {} : { quantity: dec(quantity) }),
          ...(delta === undefined ? {} : { quantity_delta: dec(delta) }),
        })),
      }),
});
