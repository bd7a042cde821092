import { type Static, Type } from "typebox";
import { type Decimal, dec } from "../../domain/decimal.ts";
import { MAX_SEATS, type SeatUpdate } from "../../domain/subscriptions/plan-seats.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { InstantField, ObjectField, TextField } from "./fields.ts";

const SeatIdsField = (minItems: number) =>
  Type.Array(TextField({ max: 200 }), { minItems, maxItems: MAX_SEATS });

/** Who has a seat of a new subscription, and how many seats nobody has yet. */
export const SeatConfigField = () =>
  ObjectField({
    seat_group_key: TextField({ max: 200 }),
    initial_seat_ids: SeatIdsField(0),
    initial_unassigned_seats: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SEATS })),
  });

interface InitialSeats {
  readonly quantity: Decimal;
  readonly seats: { readonly groupKey: string; readonly seatIds: readonly string[] };
}

/** Seats as operations take them; `path` names them in messages. */
export function fromSeatConfig(
  body: Static<ReturnType<typeof SeatConfigField>>,
  path: string,
): InitialSeats {
  const { initial_seat_ids: seatIds, initial_unassigned_seats: unassigned = 0 } = body;
  if (new Set(seatIds).size < seatIds.length) {
    throw invalid(`${path}.initial_seat_ids names a seat twice`, `${path}.initial_seat_ids`);
  }
  const count = seatIds.length + unassigned;
  if (count > MAX_SEATS) {
    throw invalid(`${path} has ${count} seats; a subscription has at most ${MAX_SEATS}`, path);
  }
  return { quantity: dec(String(count)), seats: { groupKey: body.seat_group_key, seatIds } };
}

const MAX_UPDATES = 1000;

const named = () =>
  Type.Optional(
    Type.Array(
      ObjectField({ seat_ids: SeatIdsField(1), starting_at: InstantField({ onHour: true }) }),
      { maxItems: MAX_UPDATES },
    ),
  );
const counted = () =>
  Type.Optional(
    Type.Array(
      ObjectField({
        quantity: Type.Integer({ minimum: 1, maximum: MAX_SEATS }),
        starting_at: InstantField({ onHour: true }),
      }),
      { maxItems: MAX_UPDATES },
    ),
  );

/** Who gets or loses a seat of a subscription, and how many seats nobody has. */
export const SeatUpdatesField = () =>
  ObjectField({
    add_seat_ids: named(),
    remove_seat_ids: named(),
    add_unassigned_seats: counted(),
    remove_unassigned_seats: counted(),
  });

/** An update of seats with the field that it came from. */
export interface NamedSeatUpdate {
  readonly path: string;
  readonly update: SeatUpdate;
}

const WISHES = {
  add_seat_ids: "ASSIGN",
  remove_seat_ids: "UNASSIGN",
  add_unassigned_seats: "ADD_UNASSIGNED",
  remove_unassigned_seats: "REMOVE_UNASSIGNED",
} as const;

/** Updates of seats as operations take them; `path` names them in messages. */
export function fromSeatUpdates(
  body: Static<ReturnType<typeof SeatUpdatesField>>,
  path: string,
): NamedSeatUpdate[] {
  const named = (["add_seat_ids", "remove_seat_ids"] as const).flatMap((field) =>
    (body[field] ?? []).map(({ seat_ids: seatIds, starting_at }, n) => ({
      path: `${path}.${field}[${n}]`,
      update: { type: WISHES[field], seatIds, startingAt: instant(starting_at) },
    })),
  );
  const counted = (["add_unassigned_seats", "remove_unassigned_seats"] as const).flatMap((field) =>
    (body[field] ?? []).map(({ quantity: count, starting_at }, n) => ({
      path: `${path}.${field}[${n}]`,
      update: { type: WISHES[field], count, startingAt: instant(starting_at) },
    })),
  );
  const updates = [...named, ...counted];
  if (updates.length === 0) throw invalid(`${path} changes nothing`, path);
  return updates;
}
