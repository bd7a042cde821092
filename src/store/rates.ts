import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { PriceRow, RatesTable } from "../db/tables/rate-cards.ts";
import { dec } from "../domain/decimal.ts";
import type { GroupValues } from "../domain/metering/rollup.ts";
import type { BillingFrequency } from "../domain/period.ts";
import type { Rate } from "../domain/pricing/rate.ts";
import { type Instant, instant, isAfter } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { toRatePrice } from "./rate-prices.ts";

/** A rate to add. Prices are in the wire unit of the credit type. */
export interface NewRate {
  readonly rateCardId: string;
  readonly productId: string;
  readonly pricingGroupValues: GroupValues;
  readonly startingAt: string;
  readonly endingBefore: string | null;
  readonly entitled: boolean;
  /** For subscription products only. */
  readonly billingFrequency: BillingFrequency | null;
  readonly price: PriceRow;
  readonly minimumAmount: string | null;
  readonly maximumAmount: string | null;
  /** What usage costs that commits of rate type COMMIT_RATE pay for; null: the same. */
  readonly commitRate: PriceRow | null;
  readonly creditTypeId: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds rates in the order given; of two with the same start the later added one is in force. */
export async function insertRates(tx: CoreTransaction, rates: readonly NewRate[]): Promise<void> {
  for (let from = 0; from < rates.length; from += ROWS_PER_STATEMENT) {
    await insertBatch(tx, rates.slice(from, from + ROWS_PER_STATEMENT));
  }
}

/** A statement takes 65,535 parameters; a rate needs 18. */
const ROWS_PER_STATEMENT = 1000;

async function insertBatch(tx: CoreTransaction, rates: readonly NewRate[]): Promise<void> {
  await tx
    .insertInto("rates")
    .values(
      rates.map((rate) => ({
        rate_card_id: rate.rateCardId,
        product_id: rate.productId,
        pricing_group_values: JSON.stringify(rate.pricingGroupValues),
        starting_at: rate.startingAt,
        ending_before: rate.endingBefore,
        entitled: rate.entitled,
        billing_frequency: rate.billingFrequency,
        rate_type: rate.price.type,
        price: rate.price.type === "TIERED" ? null : rate.price.price,
        tiers: rate.price.type === "TIERED" ? JSON.stringify(rate.price.tiers) : null,
        tier_mode: rate.price.type === "TIERED" ? (rate.price.tier_mode ?? null) : null,
        package_size: rate.price.type === "PERCENTAGE" ? null : (rate.price.package_size ?? null),
        minimum_amount: rate.minimumAmount,
        maximum_amount: rate.maximumAmount,
        commit_rate: rate.commitRate && JSON.stringify(rate.commitRate),
        credit_type_id: rate.creditTypeId,
        created_at: rate.createdAt,
        created_by: rate.createdBy,
      })),
    )
    .execute();
}

/** All rates of these cards, by card, each in the order of their addition. */
export async function listRates(
  db: CoreDb,
  rateCardIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Rate[]>> {
  if (rateCardIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("rates")
    .selectAll()
    .where("rate_card_id", "in", [...new Set(rateCardIds)])
    .orderBy("position")
    .execute();
  const byCard = Map.groupBy(rows, (row) => row.rate_card_id);
  return new Map([...byCard].map(([cardId, cardRows]) => [cardId, toRates(cardRows)]));
}

/** What a card prices its products in, by product; percentages are in nothing of their own. */
export async function listRatedCreditTypes(
  db: CoreDb,
  rateCardId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("rates")
    .select(["product_id", "credit_type_id"])
    .distinct()
    .where("rate_card_id", "=", rateCardId)
    .where("rate_type", "<>", "PERCENTAGE")
    .execute();
  return new Map(rows.map((row) => [row.product_id, row.credit_type_id]));
}

/** The products that a card has rates for. */
export async function listRatedProductIds(db: CoreDb, rateCardId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("rates")
    .select("product_id")
    .where("rate_card_id", "=", rateCardId)
    .groupBy("product_id")
    .orderBy(sql`min(position)`)
    .execute();
  return rows.map((row) => row.product_id);
}

/**
 * The order of addition decides between rates with the same start, and a frozen clock stamps many
 * with one time: each rate counts as added at least a nanosecond after the one before it.
 */
function toRates(rows: readonly Selectable<RatesTable>[]): Rate[] {
  let last: Instant | undefined;
  return rows.map((row) => {
    const stamped = instant(row.created_at);
    last = last === undefined || isAfter(stamped, last) ? stamped : last.add({ nanoseconds: 1 });
    return toRate(row, last);
  });
}

function toRate(row: Selectable<RatesTable>, addedAt: Instant): Rate {
  const dated = {
    id: row.id,
    productId: row.product_id,
    startingAt: instant(row.starting_at),
    endingBefore: row.ending_before === null ? null : instant(row.ending_before),
    entitled: row.entitled,
    creditTypeId: row.credit_type_id,
    pricingGroupValues: row.pricing_group_values,
    addedAt,
    billingFrequency: row.billing_frequency,
    commitRate: row.commit_rate && toRatePrice(row.commit_rate),
    ...(row.minimum_amount === null ? {} : { minimum: dec(row.minimum_amount) }),
    ...(row.maximum_amount === null ? {} : { maximum: dec(row.maximum_amount) }),
  };
  return { ...dated, ...toRatePrice(toPriceRow(row)) };
}

function toPriceRow(row: Selectable<RatesTable>): PriceRow {
  const packaged = row.package_size === null ? {} : { package_size: row.package_size };
  if (row.rate_type === "TIERED") {
    assert(row.tiers !== null, "a tiered rate has tiers");
    const mode = row.tier_mode === null ? {} : { tier_mode: row.tier_mode };
    return { type: "TIERED", tiers: row.tiers, ...mode, ...packaged };
  }
  assert(row.price !== null, "a rate without tiers has a price");
  return row.rate_type === "FLAT"
    ? { type: "FLAT", price: row.price, ...packaged }
    : { type: "PERCENTAGE", price: row.price };
}
