import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type {
  SubscriptionQuantitiesTable,
  SubscriptionsTable,
} from "../db/tables/subscriptions.ts";
import { dec } from "../domain/decimal.ts";
import type { AmountRounding } from "../domain/round-quotient.ts";
import { seatQuantities } from "../domain/subscriptions/seats.ts";
import type {
  QuantityChange,
  SeatChange,
  Subscription,
} from "../domain/subscriptions/subscription.ts";
import { instant } from "../domain/time.ts";
import { listSeatChanges } from "./subscription-seats.ts";

export type SubscriptionRow = Selectable<SubscriptionsTable>;
export type NewSubscription = Omit<SubscriptionRow, "id" | "position">;

export interface SubscriptionRecord {
  readonly row: SubscriptionRow;
  readonly subscription: Subscription;
}

/** A quantity from an instant on; the quantity is decimal text. */
export interface NewQuantity {
  readonly subscriptionId: string;
  readonly quantity: string;
  readonly startingAt: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds a subscription, still without a quantity, and returns its id. */
export async function insertSubscription(
  tx: CoreTransaction,
  subscription: NewSubscription,
): Promise<string> {
  const { id } = await tx
    .insertInto("subscriptions")
    .values(subscription)
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Adds a change of quantity; what was there stays as history. */
export async function insertQuantity(tx: CoreTransaction, change: NewQuantity): Promise<void> {
  await tx
    .insertInto("subscription_quantities")
    .values({
      subscription_id: change.subscriptionId,
      quantity: change.quantity,
      starting_at: change.startingAt,
      created_at: change.createdAt,
      created_by: change.createdBy,
    })
    .execute();
}

/** The subscriptions of these contracts with their quantities, by contract, oldest first. */
export async function listSubscriptions(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SubscriptionRecord[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("subscriptions")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .orderBy("position")
    .execute();
  const quantities = await listQuantities(
    db,
    rows.map(({ id }) => id),
  );
  const seated = rows.filter(({ seat_group_key: groupKey }) => groupKey !== null);
  const seats = await listSeatChanges(
    db,
    seated.map(({ id }) => id),
  );
  const records = rows.map((row) => ({
    row,
    subscription: toSubscription(row, quantities.get(row.id) ?? [], seats.get(row.id) ?? []),
  }));
  return Map.groupBy(records, ({ row }) => row.contract_id);
}

async function listQuantities(
  db: CoreDb,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Selectable<SubscriptionQuantitiesTable>[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("subscription_quantities")
    .selectAll()
    .where("subscription_id", "in", [...subscriptionIds])
    .orderBy("starting_at")
    .orderBy("position")
    .execute();
  return Map.groupBy(rows, (row) => row.subscription_id);
}

const toRounding = ({
  rounding_method: method,
  rounding_decimal_places: decimalPlaces,
}: SubscriptionRow): AmountRounding | null =>
  method === null || decimalPlaces === null ? null : { method, decimalPlaces };

/** A subscription as rating sees it, nothing of it invoiced. */
const toSubscription = (
  row: SubscriptionRow,
  quantityRows: readonly Selectable<SubscriptionQuantitiesTable>[],
  seatChanges: readonly SeatChange[],
): Subscription => ({
  id: row.id,
  name: row.name,
  productId: row.product_id,
  billingFrequency: row.billing_frequency,
  collectionSchedule: row.collection_schedule,
  isProrated: row.is_prorated,
  prorationRounding: toRounding(row),
  invoiceBehavior: row.invoice_behavior,
  invoicePlacement: row.invoice_placement,
  anchorAt: row.anchor_at === null ? null : instant(row.anchor_at),
  startingAt: instant(row.starting_at),
  endingBefore: row.ending_before === null ? null : instant(row.ending_before),
  ...toQuantities(row, quantityRows.map(toQuantityChange), seatChanges),
  addedAfter: row.added_after === null ? null : instant(row.added_after),
  invoicedChargeIds: new Set(),
});

const toQuantityChange = (change: Selectable<SubscriptionQuantitiesTable>): QuantityChange => ({
  id: change.id,
  startingAt: instant(change.starting_at),
  quantity: dec(change.quantity),
});

function toQuantities(
  { seat_group_key: groupKey }: SubscriptionRow,
  base: readonly QuantityChange[],
  changes: readonly SeatChange[],
): Pick<Subscription, "quantities" | "seats"> {
  if (groupKey === null) return { quantities: base, seats: null };
  return { quantities: seatQuantities(base, changes), seats: { groupKey, base, changes } };
}

/** What an edit may change of a subscription beside its quantity. */
export async function updateSubscription(
  tx: CoreTransaction,
  id: string,
  change: Partial<
    Pick<
      SubscriptionRow,
      "rounding_method" | "rounding_decimal_places" | "seat_group_key" | "ending_before"
    >
  >,
): Promise<void> {
  await tx.updateTable("subscriptions").set(change).where("id", "=", id).execute();
}
