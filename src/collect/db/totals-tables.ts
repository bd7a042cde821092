import type { ColumnType, Generated } from "kysely";
import type { InstantColumn, JsonColumn, Metadata, ObjectColumns } from "./foundation-tables.ts";

export type CouponDuration = "once" | "repeating" | "forever";

export interface CouponsTable extends ObjectColumns {
  /** Discounts that were made of it stay. */
  deleted: Generated<boolean>;
  name: string | null;
  /** This or an amount in a currency. */
  percent_off: string | null;
  amount_off_minor: bigint | null;
  currency: string | null;
  duration: CouponDuration;
  duration_in_months: number | null;
  max_redemptions: number | null;
  redeem_by_at: InstantColumn | null;
  /** null: all products. */
  applies_to_products: JsonColumn<readonly string[] | null>;
  times_redeemed: Generated<number>;
  metadata: JsonColumn<Metadata>;
}

/** A coupon that was given to a customer: whole, or for one of the things that are named. */
export interface DiscountsTable extends ObjectColumns {
  coupon: string;
  customer: string;
  subscription: string | null;
  subscription_item: string | null;
  invoice: string | null;
  invoice_item: string | null;
  /** When it stops applying; null: when its coupon says so. */
  end_at: InstantColumn | null;
}

export interface TaxRatesTable extends ObjectColumns {
  active: boolean;
  display_name: string;
  description: string | null;
  inclusive: boolean;
  percentage: string;
  country: string | null;
  state: string | null;
  jurisdiction: string | null;
  jurisdiction_level: string | null;
  tax_type: string | null;
  metadata: JsonColumn<Metadata>;
}

/** What a discount took off a line or an invoice; minor units as text. */
export interface StoredDiscountAmount {
  readonly discount: string;
  readonly amount: string;
}

/** A tax on a line or an invoice; minor units as text. */
export interface StoredTax {
  readonly taxRate: string;
  readonly inclusive: boolean;
  readonly amount: string;
  readonly taxable: string;
  readonly reason: string;
}

/** A json column that is an empty list unless it is written. */
export type JsonListColumn<T> = ColumnType<readonly T[], string | undefined, string>;

export interface TotalsTables {
  coupons: CouponsTable;
  discounts: DiscountsTable;
  tax_rates: TaxRatesTable;
}
