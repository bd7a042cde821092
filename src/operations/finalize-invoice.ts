import type { CoreTransaction } from "../db/database.ts";
import { billableStatusAt } from "../domain/invoices/billable-status.ts";
import { usageInputs } from "../domain/invoices/usage-inputs.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { instant, instantText, isAfter, later } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { sideBySide } from "../platform/database/lockstep/side-by-side.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { listBillableStatuses } from "../store/billable-statuses.ts";
import {
  freezeInvoice,
  insertDrawDowns,
  insertInvoicedItems,
  takeInvoicingTurn,
} from "../store/freeze-invoice.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import { dueTimeOf, findInvoice } from "../store/invoices.ts";
import { listPoliciesOfCustomer } from "../store/invoicing-policies.ts";
import { announceInvoice } from "./announce-invoice.ts";
import type { OperationContext } from "./context.ts";
import { dependsOnOthers, finalizationHold } from "./finalization-hold.ts";
import { followLateUsage } from "./follow-late-usage.ts";
import { burnsAt, type RatedDraft, rateDrafts } from "./rate-drafts.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";
import {
  dropOutdatedApproval,
  isOutdated,
  type Policies,
  type ReviewNeed,
  reviewNeedOf,
} from "./review-need.ts";
import { routeInvoice } from "./route-invoice.ts";
import { settleRollovers } from "./settle-rollovers.ts";
import { withdrawUnused } from "./withdraw-draft.ts";

export interface InvoiceKey {
  readonly invoiceId: string;
  readonly customerId: string;
}

/**
 * What a draft waits for: `notDueUntil` this instant on the environment's clock, or `needs` a person,
 * who makes it go on.
 */
export type Finalization =
  | { readonly notDueUntil: string }
  | { readonly needs: ReviewNeed }
  | undefined;

/**
 * Finalizes an invoice that is due: freezes what rating decides, posts its draw-downs, announces it
 * and sends it on its way, all in one transaction. Invoices of the customer that are due and burn
 * commits before it are finalized with it, in their order. An invoice that depends on others waits
 * for them; what a contract leaves to the next one is final with its last invoice. Safe to repeat: an invoice that is finalized, or gone, is left alone.
 */
export async function finalizeInvoice(
  ctx: OperationContext,
  key: InvoiceKey,
): Promise<Finalization> {
  return inTransaction(
    ctx.db,
    async (tx): Promise<Finalization> => {
      await takeInvoicingTurn(tx, key.customerId);
      return finalizeInTurn(tx, ctx, key);
    },
    { oneSnapshot: true },
  );
}

/**
 * As finalizeInvoice, of invoices of different customers: in one transaction, side by side, so that
 * their statements go together. All, or none when one throws. Answers in the order of the keys.
 */
export async function finalizeInvoices(
  ctx: OperationContext,
  keys: readonly InvoiceKey[],
): Promise<Finalization[]> {
  return inTransaction(
    ctx.db,
    (tx) =>
      sideBySide(
        tx,
        keys.map((key) => async (handle: CoreTransaction) => {
          await takeInvoicingTurn(handle, key.customerId);
          return finalizeInTurn(handle, ctx, key);
        }),
      ),
    { oneSnapshot: true },
  );
}

/** As finalizeInvoice, in the customer's invoicing turn. */
export async function finalizeInTurn(
  tx: CoreTransaction,
  ctx: OperationContext,
  key: InvoiceKey,
): Promise<Finalization> {
  const { invoiceId, customerId } = key;
  const invoice = await findInvoice(tx, ctx.environment.id, invoiceId);
  // Without a due time its period was given a new end: the turn of that period takes over.
  if (invoice?.status !== "DRAFT") return undefined;
  const dueAt = dueTimeOf(invoice);
  if (dueAt === null) return undefined;
  if (!isDue(ctx, invoice)) return { notDueUntil: dueAt };
  const policies = await listPoliciesOfCustomer(tx, customerId);
  const needs = reviewNeedOf(invoice, policies);
  if (needs !== undefined) return { needs };
  const scope = { ...ctx, db: tx };
  const mayRollOver = await settleRollovers(tx, ctx, customerId);
  const { drafts, snapshot } = await rateDrafts(scope, customerId, {
    until: burnsAt(invoice),
    policies,
  });
  const last = drafts.findIndex(({ rated }) => rated.id === invoiceId);
  const own = drafts[last];
  if (own === undefined) return undefined;
  assert(snapshot !== undefined, "drafts were rated from a snapshot");
  if (await dropOutdatedApproval(tx, ctx, own, policies)) return { needs: "approval" };
  if (dependsOnOthers(own.rated, snapshot)) {
    const { until, finalizeFirst } = await finalizationHold(tx, ctx, own.rated, snapshot);
    if (until !== null) return { notDueUntil: until };
    for (const id of finalizeFirst) {
      const waiting = await finalizeInTurn(tx, ctx, { invoiceId: id, customerId });
      if (waiting !== undefined) return waiting;
    }
    // Rated again without them: what they burned is posted now.
    if (finalizeFirst.length > 0) return finalizeInTurn(tx, ctx, key);
  }
  const due = drafts.slice(0, last + 1).filter(({ record }) => isDue(ctx, record));
  for (const draft of due) {
    if (draft !== own && dependsOnOthers(draft.rated, snapshot)) continue;
    if (draft !== own && mustWait(draft, policies)) continue;
    await finalizeDraft(tx, ctx, draft, snapshot);
    await followLateUsage(tx, ctx, draft, policies);
  }
  if (mayRollOver) await settleRollovers(tx, ctx, customerId);
  await requestAlertEvaluation(tx, ctx, customerId);
  return undefined;
}

function isDue(ctx: OperationContext, record: RatedDraft["record"]): boolean {
  const dueAt = dueTimeOf(record);
  return dueAt !== null && !isAfter(instant(dueAt), ctx.now);
}

/** Another draft that is due goes on with this one only when no person has to look at it first. */
const mustWait = ({ record, rated }: RatedDraft, policies: Policies): boolean =>
  reviewNeedOf(record, policies) !== undefined || isOutdated(record, rated, policies);

async function finalizeDraft(
  tx: CoreTransaction,
  ctx: OperationContext,
  { record, rated }: RatedDraft,
  snapshot: RatingSnapshot,
): Promise<void> {
  const dueAt = dueTimeOf(record);
  assert(dueAt !== null, `invoice ${record.id} has a due time`);
  // Opened after it was due (a contract that began in the past): it cannot be issued before that.
  const issuedAt =
    record.review.issueMovedAt ?? instantText(later(instant(dueAt), instant(record.createdAt)));
  faultPoint("finalize-invoice/before");
  const invoice = await freezeInvoice(tx, {
    rated,
    usageInputs: rated.period === null ? [] : usageInputs(snapshot, rated.contractId, rated.period),
    customFields: await loadInvoiceCustomFields(tx, ctx.environment.id, [rated]),
    conventions: snapshot.conventions,
    billableStatus: billableStatusAt(
      await listBillableStatuses(tx, record.customerId),
      record.startAt ?? issuedAt,
    ),
    issuedAt,
    finalizedAt: instantText(ctx.now),
  });
  faultPoint("finalize-invoice/frozen");
  await insertDrawDowns(tx, rated);
  await insertInvoicedItems(tx, rated);
  faultPoint("finalize-invoice/posted");
  await announceInvoice(tx, ctx, invoice);
  faultPoint("finalize-invoice/announced");
  await routeInvoice(tx, ctx, invoice);
  await withdrawUnused(tx, ctx, invoice);
  faultPoint("finalize-invoice/routed");
  if (rated.unpriced.length > 0) {
    const { customerId, contractId } = invoice;
    ctx.services.logger.warn(
      { invoiceId: invoice.id, customerId, contractId, unpriced: rated.unpriced.length },
      "an invoice was finalized without usage that has no rate",
    );
  }
}
