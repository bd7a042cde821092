import type { BillingFrequency } from "../../domain/period.ts";
import type { AmountRounding } from "../../domain/round-quotient.ts";
import type {
  CollectionSchedule,
  InvoiceBehavior,
  InvoicePlacement,
  SeatWish,
} from "../../domain/subscriptions/subscription.ts";
import type { Generated, InstantColumn, Json, NumericColumn, Position } from "../columns.ts";

export interface SubscriptionsTable {
  id: Generated<string>;
  contract_id: string;
  product_id: string;
  name: string | null;
  description: string | null;
  billing_frequency: BillingFrequency;
  collection_schedule: CollectionSchedule;
  is_prorated: boolean;
  invoice_behavior: InvoiceBehavior;
  /** Both or none. */
  rounding_method: AmountRounding["method"] | null;
  rounding_decimal_places: number | null;
  invoice_placement: InvoicePlacement;
  /** null: the anchor of the contract's usage periods. */
  anchor_at: InstantColumn | null;
  /** The property of usage events that names a seat; null: the subscription has a mere quantity. */
  seat_group_key: string | null;
  starting_at: InstantColumn;
  ending_before: InstantColumn | null;
  /** End of the last usage invoice that was closed when an edit added it; null: none was. */
  added_after: InstantColumn | null;
  position: Position;
}

/** Rows are only added: who has a seat when follows from all of them. */
export interface SubscriptionSeatChangesTable {
  id: Generated<string>;
  subscription_id: string;
  type: SeatWish["type"];
  /** Empty where it is about seats that nobody has. */
  seat_ids: Json<string[]>;
  /** Seats that nobody has; 0 where ids are named. */
  count: number;
  starting_at: InstantColumn;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}

/** Rows are only added: together they are the history of the quantity. */
export interface SubscriptionQuantitiesTable {
  id: Generated<string>;
  subscription_id: string;
  quantity: NumericColumn;
  starting_at: InstantColumn;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}
