import type { TransformQuantity } from "../db/foundation-tables.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toPlan } from "../serializers/to-plan.ts";
import { toPrice } from "../serializers/to-price.ts";
import {
  findPriceByLookupKey,
  getRecurringPrice,
  insertPrice,
  lockPrice,
  type PriceChanges,
  type PriceRow,
  updatePrice,
} from "../store/prices.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";

export interface Recurrence {
  readonly interval: "day" | "week" | "month" | "year";
  readonly intervalCount: number;
  readonly trialPeriodDays: number | undefined;
}

export interface PriceTerms {
  /** Of a plan, whose maker may choose it. */
  readonly id?: string | undefined;
  readonly product: string;
  readonly currency: string;
  /** Minor units, at most 12 decimals. */
  readonly unitAmount: string;
  readonly active?: boolean | undefined;
  readonly nickname?: string | undefined;
  readonly lookupKey?: string | undefined;
  /** Takes the lookup key from the price that has it. */
  readonly transferLookupKey?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly taxBehavior?: "exclusive" | "inclusive" | "unspecified" | undefined;
  /** Undefined = a one-time price. */
  readonly recurring?: Recurrence | undefined;
  readonly transformQuantity?: TransformQuantity | undefined;
}

/** Stripe docs: Prices, "maximum of three years". */
const MAX_INTERVALS = { day: 1095, week: 156, month: 36, year: 3 } as const;

/** Throws 400 when a price would bill less often than every three years. */
export function assertIntervals({ unit, count }: RecurringEvery, param: string): void {
  if (count <= MAX_INTERVALS[unit]) return;
  throw refused("invalid_argument", "The maximum interval of a price is three years", param);
}

interface RecurringEvery {
  readonly unit: Recurrence["interval"];
  readonly count: number;
}

/** Makes room for a lookup key. Throws 400 when another price has it and need not give it up. */
async function claimLookupKey(scope: Scope, key: string, transfer: boolean): Promise<void> {
  const holder = await findPriceByLookupKey(scope, key);
  if (holder === undefined) return;
  if (!transfer) {
    throw refused(
      "resource_already_exists",
      `A price (\`${holder.id}\`) already uses that lookup key.`,
      "lookup_key",
    );
  }
  await changePrice(scope, holder, { lookup_key: null });
}

/** Makes a price of an existing product. */
export async function createPrice(scope: Scope, terms: PriceTerms): Promise<PriceRow> {
  const { recurring } = terms;
  if (recurring !== undefined) {
    const recurrence = { unit: recurring.interval, count: recurring.intervalCount };
    assertIntervals(recurrence, "recurring[interval_count]");
  }
  if (terms.lookupKey !== undefined) {
    await claimLookupKey(scope, terms.lookupKey, terms.transferLookupKey ?? false);
  }
  const price = await insertPrice(scope, {
    id: terms.id ?? newId("price"),
    active: terms.active ?? true,
    currency: terms.currency,
    product: terms.product,
    unit_amount: terms.unitAmount,
    nickname: terms.nickname ?? null,
    lookup_key: terms.lookupKey ?? null,
    metadata: JSON.stringify(mergeMetadata({}, terms.metadata)),
    tax_behavior: terms.taxBehavior ?? "unspecified",
    recurring_interval: recurring?.interval ?? null,
    recurring_interval_count: recurring?.intervalCount ?? null,
    recurring_trial_period_days: recurring?.trialPeriodDays ?? null,
    transform_quantity: JSON.stringify(terms.transformQuantity ?? null),
  });
  recordEvent(scope, { type: "price.created", object: toPrice(price) });
  if (recurring !== undefined) {
    recordEvent(scope, { type: "plan.created", object: toPlan(price) });
  }
  return price;
}

async function changePrice(
  scope: Scope,
  before: PriceRow,
  changes: PriceChanges,
): Promise<PriceRow> {
  const after = await updatePrice(scope, before.id, changes);
  const object = toPrice(after);
  const previous = previousAttributes(toPrice(before), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "price.updated", object, previousAttributes: previous });
  }
  if (after.recurring_interval !== null) await recordPlanChange(scope, before, after);
  return after;
}

async function recordPlanChange(scope: Scope, before: PriceRow, after: PriceRow): Promise<void> {
  const object = toPlan(after);
  const previous = previousAttributes(toPlan(before), object);
  if (previous === undefined) return;
  recordEvent(scope, { type: "plan.updated", object, previousAttributes: previous });
}

/** Nobody can subscribe to the plan any more; what is subscribed to it goes on. Throws 404. */
export async function deletePlan(scope: Scope, id: string): Promise<void> {
  await getRecurringPrice(scope, id);
  const plan = await lockPrice(scope, id);
  await updatePrice(scope, id, { deleted: true, active: false, lookup_key: null });
  recordEvent(scope, { type: "price.deleted", object: toPrice(plan) });
  recordEvent(scope, { type: "plan.deleted", object: toPlan(plan) });
}

export type PriceUpdate = Pick<
  PriceTerms,
  "active" | "nickname" | "lookupKey" | "transferLookupKey" | "metadata" | "taxBehavior"
> & {
  /** Of a plan: these may change as well. */
  readonly product?: string | undefined;
  readonly trialPeriodDays?: number | undefined;
};

/** Changes what may change of a price; its amount, currency and product never do. Throws 404. */
export async function changePriceTerms(
  scope: Scope,
  id: string,
  terms: PriceUpdate,
): Promise<PriceRow> {
  const price = await lockPrice(scope, id);
  const { taxBehavior = price.tax_behavior, lookupKey = price.lookup_key } = terms;
  if (price.tax_behavior !== "unspecified" && taxBehavior !== price.tax_behavior) {
    throw refused("invalid_argument", "The tax behavior cannot change once set", "tax_behavior");
  }
  if (lookupKey !== null && lookupKey !== price.lookup_key) {
    await claimLookupKey(scope, lookupKey, terms.transferLookupKey ?? false);
  }
  return changePrice(scope, price, {
    active: terms.active ?? price.active,
    nickname: terms.nickname ?? price.nickname,
    lookup_key: lookupKey,
    metadata: JSON.stringify(mergeMetadata(price.metadata, terms.metadata)),
    tax_behavior: taxBehavior,
    product: terms.product ?? price.product,
    recurring_trial_period_days: terms.trialPeriodDays ?? price.recurring_trial_period_days,
  });
}
