import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { SubscriptionSeatChangesTable } from "../db/tables/subscriptions.ts";
import type { SeatChange, SeatWish } from "../domain/subscriptions/subscription.ts";
import { type Instant, instant, instantText } from "../domain/time.ts";

type SeatChangeRow = Selectable<SubscriptionSeatChangesTable>;

export interface NewSeatChanges {
  readonly subscriptionId: string;
  /** In the order in which they happen. */
  readonly changes: readonly (SeatWish & { readonly startingAt: Instant })[];
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds changes of seats; what was there stays as history. */
export async function insertSeatChanges(
  tx: CoreTransaction,
  { subscriptionId, changes, createdAt, createdBy }: NewSeatChanges,
): Promise<void> {
  if (changes.length === 0) return;
  await tx
    .insertInto("subscription_seat_changes")
    .values(
      changes.map((change) => ({
        subscription_id: subscriptionId,
        type: change.type,
        seat_ids: JSON.stringify("seatIds" in change ? change.seatIds : []),
        count: "count" in change ? change.count : 0,
        starting_at: instantText(change.startingAt),
        created_at: createdAt,
        created_by: createdBy,
      })),
    )
    .execute();
}

/** The changes of seats of these subscriptions, by subscription, in the order in which they happen. */
export async function listSeatChanges(
  db: CoreDb,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SeatChange[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("subscription_seat_changes")
    .selectAll()
    .where("subscription_id", "in", [...subscriptionIds])
    .orderBy("starting_at")
    .orderBy("position")
    .execute();
  const bySubscription = Map.groupBy(rows, (row) => row.subscription_id);
  return new Map([...bySubscription].map(([id, changes]) => [id, changes.map(toSeatChange)]));
}

const toSeatChange = (row: SeatChangeRow): SeatChange => ({
  id: row.id,
  startingAt: instant(row.starting_at),
  ...toWish(row),
});

function toWish({ type, seat_ids: seatIds, count }: SeatChangeRow): SeatWish {
  switch (type) {
    case "ASSIGN":
    case "UNASSIGN":
      return { type, seatIds };
    case "ADD_UNASSIGNED":
    case "REMOVE_UNASSIGNED":
      return { type, count };
  }
}
