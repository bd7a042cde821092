import { mergeMetadata } from "../../domain/metadata.ts";
import type { Scope } from "../../scope.ts";
import type { CustomerRow } from "../../store/customers.ts";
import {
  ENDED,
  type SubscriptionChanges,
  type SubscriptionRow,
} from "../../store/subscriptions.ts";
import { recordEnded } from "../discounts/end-discounts.ts";
import { resolveDiscounts } from "../discounts/resolve-discounts.ts";
import { requireTaxRates } from "../totals/require-tax-rates.ts";
import type { SubscriptionUpdate } from "./change-subscription.ts";
import { assertDays, assertFuture } from "./check-terms.ts";
import type { LoadedItem } from "./load-items.ts";

/** The discounts of a subscription and of its items. */
export const heldBy = (row: SubscriptionRow, items: readonly LoadedItem[]): readonly string[] => [
  ...row.discounts,
  ...items.flatMap((item) => item.row.discounts),
];

/** Tells of discounts that a change replaced, cleared, or took away with their item. */
export async function endDroppedDiscounts(
  scope: Scope,
  { discount }: CustomerRow,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  // The customer's own one holds on.
  const dropped = before.filter((id) => !after.includes(id) && id !== discount?.id);
  await recordEnded(scope, dropped);
}

/** The discounts and tax rates that the next invoices take over. Throws 400 for what cannot be. */
export async function toTotalTerms(
  scope: Scope,
  { id, customer, currency }: SubscriptionRow,
  { discounts, defaultTaxRates }: SubscriptionUpdate,
): Promise<SubscriptionChanges> {
  await requireTaxRates(scope, defaultTaxRates ?? [], (n) => `default_tax_rates[${n}]`);
  const holder = { customer, subscription: id, currency };
  const ids = await resolveDiscounts(scope, discounts ?? [], holder);
  return {
    ...(discounts === undefined ? {} : { discounts: JSON.stringify(ids) }),
    ...(defaultTaxRates === undefined
      ? {}
      : { default_tax_rates: JSON.stringify(defaultTaxRates ?? []) }),
  };
}

/** The terms that an update says, in columns; what it does not say stays. Throws 400 for what cannot be. */
export function toTerms(
  scope: Scope,
  row: SubscriptionRow,
  update: SubscriptionUpdate,
): SubscriptionChanges {
  const { cancelAt, cancelAtPeriodEnd, collectionMethod, daysUntilDue } = update;
  if (typeof cancelAt === "string") assertFuture(scope, cancelAt, "cancel_at");
  const method = collectionMethod ?? row.collection_method;
  const days =
    daysUntilDue ??
    (method === "send_invoice" ? (row.days_until_due ?? scope.account.days_until_due) : null);
  assertDays(method, days ?? undefined);
  const atEnd = cancelAtPeriodEnd ?? row.cancel_at_period_end;
  const at = cancelAt === undefined ? row.cancel_at : cancelAt;
  return {
    collection_method: method,
    days_until_due: days,
    cancel_at_period_end: atEnd,
    cancel_at: at,
    canceled_at: atEnd || at !== null ? (row.canceled_at ?? scope.nowAt) : null,
    metadata: JSON.stringify(mergeMetadata(row.metadata, update.metadata)),
    cancellation: JSON.stringify({
      ...row.cancellation,
      ...(update.comment === undefined ? {} : { comment: update.comment }),
      ...(update.feedback === undefined ? {} : { feedback: update.feedback }),
      ...(ENDED.includes(row.status)
        ? {}
        : { reason: atEnd || at !== null ? "cancellation_requested" : null }),
    }),
    ...(update.trialEndBehavior === undefined
      ? {}
      : { trial_end_behavior: update.trialEndBehavior }),
    ...(update.defaultPaymentMethod === undefined
      ? {}
      : { default_payment_method: update.defaultPaymentMethod }),
    ...(update.description === undefined ? {} : { description: update.description }),
    ...(update.pause === undefined
      ? {}
      : {
          pause_behavior: update.pause?.behavior ?? null,
          pause_resumes_at: update.pause?.resumesAt ?? null,
        }),
  };
}
