import { type Instant, instant, instantText, isAfter } from "../../../domain/time.ts";
import type { CollectionMethod } from "../../db/invoicing-tables.ts";
import type { PauseBehavior, TrialEndBehavior } from "../../db/subscription-tables.ts";
import { changesCost } from "../../domain/subscriptions/plan-items.ts";
import { boundary, type Period, sameRecurrence } from "../../domain/subscriptions/recurrence.ts";
import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import { lockCustomerOrDeleted } from "../../store/customers.ts";
import {
  ENDED,
  getSubscription,
  lockSubscription,
  type SubscriptionChanges,
  type SubscriptionRow,
  updateSubscription,
} from "../../store/subscriptions.ts";
import type { DiscountRequest } from "../discounts/resolve-discounts.ts";
import type { NewItem } from "../new-items.ts";
import { requireAttached } from "../obtain-payment-method.ts";
import { addPendingLines } from "./add-pending-lines.ts";
import { applyItemChanges, type ItemEdit, planItemChanges } from "./change-items.ts";
import { endDroppedDiscounts, heldBy, toTerms, toTotalTerms } from "./changed-terms.ts";
import type { PaymentBehavior } from "./collect-now.ts";
import { creditLines } from "./credit-lines.ts";
import { invoiceUpdate } from "./invoice-update.ts";
import { commonRecurrence, type LoadedItem, loadItemsOf } from "./load-items.ts";
import { recordSubscriptionChange } from "./record-subscription-change.ts";
import { renderSubscription } from "./render-subscription.ts";
import { periodLines, remainingLines, type SubscriptionLine } from "./subscription-lines.ts";
import { enqueueResumption, enqueueTrialNotice, enqueueTurn } from "./subscription-schedule.ts";

export type ProrationBehavior = "create_prorations" | "always_invoice" | "none";

/** What an update says; undefined leaves it, null unsets it. */
export interface SubscriptionUpdate {
  readonly items: readonly ItemEdit[];
  readonly prorationBehavior: ProrationBehavior;
  /** The instant from which changes count; undefined: now. */
  readonly prorationAt?: string | undefined;
  readonly anchor?: "now" | "unchanged" | undefined;
  readonly trialEnd?: string | undefined;
  readonly trialEndBehavior?: TrialEndBehavior | undefined;
  readonly cancelAtPeriodEnd?: boolean | undefined;
  readonly cancelAt?: string | null | undefined;
  readonly collectionMethod?: CollectionMethod | undefined;
  readonly daysUntilDue?: number | undefined;
  readonly defaultPaymentMethod?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly discounts?: readonly DiscountRequest[] | null | undefined;
  /** Ids. */
  readonly defaultTaxRates?: readonly string[] | null | undefined;
  readonly pause?:
    | { readonly behavior: PauseBehavior; readonly resumesAt: string | null }
    | null
    | undefined;
  readonly comment?: string | null | undefined;
  readonly feedback?: string | null | undefined;
  readonly paymentBehavior: PaymentBehavior;
  readonly addInvoiceItems: readonly NewItem[];
}

/**
 * Changes a subscription. A new price or quantity in the middle of a period gives back the unused
 * time of the old one and charges the remaining time of the new one; a new interval, a new anchor or
 * the end of a trial begins a new period at once and bills it (Stripe docs: Modify subscriptions).
 */
export async function changeSubscription(
  scope: Scope,
  id: string,
  update: SubscriptionUpdate,
): Promise<WireSubscription> {
  const { customer: customerId } = await getSubscription(scope, id);
  const customer = await lockCustomerOrDeleted(scope, customerId);
  const row = await lockSubscription(scope, id);
  assertChangeable(row, update);
  if (typeof update.defaultPaymentMethod === "string") {
    const param = "default_payment_method";
    await requireAttached(scope, customer.id, update.defaultPaymentMethod, param);
  }
  const before = await renderSubscription(scope, row);
  const old = await loadItemsOf(scope, id);
  const planned = await planItemChanges(scope, row, old, update.items);
  await applyItemChanges(scope, row, planned);
  const items = await loadItemsOf(scope, id);
  const from = prorationStart(scope, row, update);
  const trialEnd = trialStarted(scope, row, update);
  const resets = trialEnd !== undefined || resetsPeriod(scope, row, update, old, items);
  const period = resets ? newPeriod(scope, items, trialEnd) : periodOf(row);
  const changed = await updateSubscription(scope, id, {
    ...toTerms(scope, row, update),
    ...(await toTotalTerms(scope, row, update)),
    ...(resets ? toReset(scope, row, period) : {}),
    ...(trialEnd === undefined ? toTrial(scope, row, update) : toStartedTrial(scope, trialEnd)),
  });
  await endDroppedDiscounts(scope, customer, heldBy(row, old), heldBy(changed, items));
  const prorates = update.prorationBehavior !== "none" && row.status !== "trialing";
  const unused = resets
    ? old
    : planned.flatMap((change) => (changesCost(change) ? change.old : []));
  const added = items.filter(({ row: item }) =>
    planned.some((change) => changesCost(change) && change.itemId === item.id),
  );
  const credits = prorates ? await creditLines(scope, row, unused, from) : [];
  const charges = prorates && !resets ? remainingLines(added, periodOf(row), from) : [];
  await addPendingLines(scope, changed, [...credits, ...charges]);
  const isTrial = trialEnd !== undefined;
  const lines: readonly SubscriptionLine[] = resets ? periodLines(items, period, { isTrial }) : [];
  const bills =
    resets ||
    update.addInvoiceItems.length > 0 ||
    (update.prorationBehavior === "always_invoice" && credits.length + charges.length > 0);
  const billed = bills ? await invoiceUpdate(scope, customer, changed, update, lines) : changed;
  enqueueTurn(scope, billed);
  if (update.trialEnd !== undefined) enqueueTrialNotice(scope, billed);
  if (update.pause !== undefined) enqueueResumption(scope, billed);
  await recordSubscriptionChange(scope, before, billed);
  return renderSubscription(scope, await getSubscription(scope, id));
}

const periodOf = (row: SubscriptionRow): Period => ({
  start: instant(row.current_period_start_at),
  end: instant(row.current_period_end_at),
});

/** An ended subscription keeps its terms, one that waits for its first payment as well. */
function assertChangeable(row: SubscriptionRow, update: SubscriptionUpdate): void {
  const { metadata: _m, comment: _c, feedback: _f, defaultPaymentMethod, ...terms } = update;
  const { prorationBehavior: _p, paymentBehavior: _b, items, addInvoiceItems, ...rest } = terms;
  const changesTerms =
    items.length > 0 ||
    addInvoiceItems.length > 0 ||
    Object.values(rest).some((value) => value !== undefined);
  if (ENDED.includes(row.status) && (changesTerms || defaultPaymentMethod !== undefined)) {
    throw refused(
      "invalid_argument",
      "A canceled subscription can only update its cancellation_details and metadata.",
    );
  }
  if (row.status === "incomplete" && changesTerms) {
    throw refused(
      "invalid_argument",
      "An incomplete subscription can only update its metadata and default_payment_method until its first invoice is paid.",
    );
  }
}

function prorationStart(scope: Scope, row: SubscriptionRow, update: SubscriptionUpdate): Instant {
  if (update.prorationAt === undefined) return instant(scope.nowAt);
  const at = instant(update.prorationAt);
  const { start, end } = periodOf(row);
  if (!isAfter(start, at) && isAfter(end, at)) return at;
  throw refused(
    "invalid_argument",
    "proration_date must lie in the subscription's current period.",
    "proration_date",
  );
}

/** Whether a new period begins now (Stripe docs: Billing cycle anchor, "reset"). */
function resetsPeriod(
  scope: Scope,
  row: SubscriptionRow,
  update: SubscriptionUpdate,
  old: readonly LoadedItem[],
  items: readonly LoadedItem[],
): boolean {
  if (update.anchor === "now") return true;
  if (row.status === "trialing") return endsTrial(scope, update);
  if (!sameRecurrence(commonRecurrence(old), commonRecurrence(items))) return true;
  const isFree = (some: readonly LoadedItem[]) =>
    some.every(
      ({ row: item, price }) => item.quantity === 0n || /^0(\.0+)?$/.test(price.unit_amount),
    );
  return isFree(old) && !isFree(items);
}

const endsTrial = (scope: Scope, { trialEnd }: SubscriptionUpdate): boolean =>
  trialEnd !== undefined && !isAfter(instant(trialEnd), instant(scope.nowAt));

/** A period that begins now: a trial up to its end, else one interval. */
function newPeriod(
  scope: Scope,
  items: readonly LoadedItem[],
  trialEnd: Instant | undefined,
): Period {
  const start = instant(scope.nowAt);
  return { start, end: trialEnd ?? boundary(start, commonRecurrence(items), 1) };
}

/** The end of a trial that an active subscription is given now; undefined: it is given none. */
function trialStarted(
  scope: Scope,
  { status }: SubscriptionRow,
  update: SubscriptionUpdate,
): Instant | undefined {
  const { trialEnd } = update;
  if (trialEnd === undefined || status === "trialing" || endsTrial(scope, update)) return undefined;
  return instant(trialEnd);
}

/** What was paid for the time of the trial is given back; paid periods are counted from its end. */
const toStartedTrial = (scope: Scope, trialEnd: Instant): SubscriptionChanges => ({
  status: "trialing",
  trial_start_at: scope.nowAt,
  trial_end_at: instantText(trialEnd),
  billing_cycle_anchor_at: instantText(trialEnd),
});

const toReset = (
  scope: Scope,
  row: SubscriptionRow,
  { start, end }: Period,
): SubscriptionChanges => ({
  billing_cycle_anchor_at: scope.nowAt,
  current_period_start_at: instantText(start),
  current_period_end_at: instantText(end),
  ...(row.status === "trialing" ? { status: "active" as const, trial_end_at: scope.nowAt } : {}),
});

/** A trial that goes on for longer, or for less: periods are counted from its new end. */
function toTrial(
  scope: Scope,
  { status }: SubscriptionRow,
  update: SubscriptionUpdate,
): SubscriptionChanges {
  const { trialEnd } = update;
  if (trialEnd === undefined || status !== "trialing" || endsTrial(scope, update)) return {};
  return {
    trial_end_at: trialEnd,
    billing_cycle_anchor_at: trialEnd,
    current_period_end_at: trialEnd,
  };
}
