import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { QuantityUpdate } from "../../domain/subscriptions/plan-quantities.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { updateSubscriptions } from "../../operations/update-subscriptions.ts";
import { DecimalField, IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import { editPart, many } from "./edit-part.ts";

const MAX_UPDATES = 1000;

const QuantityUpdateField = ObjectField({
  starting_at: InstantField({ onHour: true }),
  quantity: Type.Optional(DecimalField({ minimum: "0" })),
  quantity_delta: Type.Optional(DecimalField()),
});

const UpdateField = ObjectField(
  {
    subscription_id: IdField(),
    quantity_updates: Type.Array(QuantityUpdateField, { minItems: 1, maxItems: MAX_UPDATES }),
  },
  {
    unsupported: {
      ending_before: null,
      proration_rounding: null,
      quantity_management_mode_update: null,
      seat_updates: null,
    },
  },
);

/** New quantities of subscriptions, from their dates on. */
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

const fromUpdate = (update: UpdateBody, n: number) => ({
  subscriptionId: update.subscription_id,
  quantities: update.quantity_updates.map((change, k) =>
    fromQuantity(change, `update_subscriptions[${n}].quantity_updates[${k}]`),
  ),
});

function fromQuantity(body: QuantityBody, path: string): QuantityUpdate {
  const { quantity, quantity_delta: delta } = body;
  const startingAt = instant(body.starting_at);
  if (quantity !== undefined && delta === undefined) return { startingAt, quantity: dec(quantity) };
  if (quantity === undefined && delta !== undefined) return { startingAt, delta: dec(delta) };
  throw invalid(`${path} must have either quantity or quantity_delta`, path);
}

const toRecord = ({ subscription_id: id, quantity_updates: quantities }: UpdateBody) => ({
  id,
  quantity_updates: quantities.map(({ starting_at, quantity, quantity_delta: delta }) => ({
    starting_at,
    ...(quantity === undefined ? {} : { quantity: dec(quantity) }),
    ...(delta === undefined ? {} : { quantity_delta: dec(delta) }),
  })),
});
