import type { CoreTransaction } from "../db/database.ts";
import type { Contract } from "../domain/contracts/contract.ts";
import { invoiceId } from "../domain/invoices/invoice-id.ts";
import {
  begunPeriods,
  nextTurnAt,
  openParts,
  scheduledInstants,
  subscriptionInstants,
  withoutInvoiced,
} from "../domain/invoices/planned-invoices.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { findSuccessor } from "../store/contract-transitions.ts";
import {
  closeEndedPeriods,
  deleteDrafts,
  deleteScheduledDraftsOutside,
  deleteUsageDraftsOutside,
  listClosedPeriods,
  listInvoicedItems,
  listScheduledSlots,
  type NewDraft,
  upsertDrafts,
} from "../store/draft-invoices.ts";
import { findInvoicingParties } from "../store/invoice-contracts.ts";
import { type CustomerTerms, loadContracts } from "../store/rating-inputs.ts";
import type { OperationContext } from "./context.ts";
import { enqueueFinalizations } from "./enqueue-finalization.ts";
import { openRollovers } from "./open-rollovers.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { spawnChildren } from "./spawn-children.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";
import { withdrawingDropped } from "./withdraw-draft.ts";

/** The contract whose invoices are opened, with all its customer has agreed to. */
interface Opening {
  readonly customerId: string;
  readonly contract: Contract;
  readonly terms: CustomerTerms;
  /** When its recurring commits next need attention; null: never. */
  readonly childrenDueAt: Instant | null;
}

/**
 * Gives a contract the invoices that its terms call for: a draft for each usage period that has
 * begun, a draft for each instant at which something is scheduled, and the jobs that go on from
 * there. Call it in the transaction that created the contract, and again in every transaction that
 * changes its end, or what is scheduled (a commit whose purchase this contract invoices). Drafts that
 * nothing calls for any more go; what else exists stays as it is, so calling it once more does no
 * harm. Throws not found.
 */
export async function openContract(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> {
  await openInvoices(tx, ctx, contractId);
}

async function openInvoices(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> {
  await openRollovers(tx, ctx, contractId);
  const opening = await loadOpening(tx, ctx, contractId);
  await openUsagePeriods(tx, ctx, opening);
  await openScheduledInvoices(tx, ctx, opening);
  const successor = await findSuccessor(tx, contractId);
  // It takes over what this one leaves.
  if (successor?.type === "RENEWAL") await openInvoices(tx, ctx, successor.id);
  await requestThresholdEvaluation(tx, ctx, opening.customerId);
}

/**
 * At a boundary of the contract's periods: opens the period that begins and fixes when the one that
 * ended is finalized; where a subscription is billed in advance, opens that invoice. An archived
 * contract has no invoices to come.
 */
export async function turnUsagePeriod(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> {
  const parties = await findInvoicingParties(tx, ctx.environment.id, contractId);
  if (parties === undefined || parties.archivedAt !== null) return;
  await watchLifecycle(tx, ctx, parties.customerId, () => openInvoices(tx, ctx, contractId));
}

/** Takes away the drafts of a contract that is being archived; finalized invoices stay. */
export const discardDrafts = (
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> => withdrawingDropped(tx, ctx, contractId, () => deleteDrafts(tx, contractId));

async function loadOpening(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<Opening> {
  const parties = await findInvoicingParties(tx, ctx.environment.id, contractId);
  if (parties === undefined) throw notFound("contract", contractId);
  const { customerId } = parties;
  const childrenDueAt = await spawnChildren(tx, ctx, { customerId, contractId });
  const invoiced = await listInvoicedItems(tx, [contractId]);
  const terms = withoutInvoiced(await loadContracts(tx, customerId), invoiced);
  const contract = terms.contracts.find(({ id }) => id === contractId);
  if (contract === undefined) throw notFound("contract", contractId);
  return { customerId, contract, terms, childrenDueAt };
}

async function openUsagePeriods(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contract, childrenDueAt }: Opening,
): Promise<void> {
  const closed = await listClosedPeriods(tx, contract.id);
  const periods = openParts(begunPeriods(contract, ctx.now), closed);
  const drafts = periods.map(({ start, end }) => ({
    ...newDraft(ctx, customerId, contract, { type: "USAGE", at: start, generation: 0 }),
    startAt: instantText(start),
    endAt: instantText(end),
    finalizeDueAt: null,
  }));
  await upsertDrafts(tx, drafts);
  const starts = periods.map(({ start }) => instantText(start));
  await withdrawingDropped(tx, ctx, contract.id, () =>
    deleteUsageDraftsOutside(tx, contract.id, starts),
  );
  const ended = await closeEndedPeriods(tx, contract.id, instantText(ctx.now));
  await enqueueFinalizations(
    tx,
    ctx,
    ended.map(({ id, finalizeDueAt }) => ({ id, customerId, dueAt: finalizeDueAt })),
  );
  for (const turnAt of [nextTurnAt(contract, ctx.now), childrenDueAt]) {
    if (turnAt !== null) await enqueueTurn(tx, ctx, customerId, contract.id, turnAt);
  }
}

async function openScheduledInvoices(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contract, terms }: Opening,
): Promise<void> {
  const slots = await listScheduledSlots(tx, contract.id);
  const closed = await listClosedPeriods(tx, contract.id);
  const instants = unique([
    ...scheduledInstants(contract, terms.commits, closed),
    ...subscriptionInstants(contract, ctx.now),
  ]);
  await withdrawingDropped(tx, ctx, contract.id, () =>
    deleteScheduledDraftsOutside(tx, contract.id, instants.map(instantText)),
  );
  const drafts = instants.flatMap((at): NewDraft[] => {
    const slot = slots.get(instantText(at));
    if (slot?.isOpen) return [];
    const generation = slot === undefined ? 0 : slot.generation + 1;
    return [newDraft(ctx, customerId, contract, { type: "SCHEDULED", at, generation })];
  });
  await upsertDrafts(tx, drafts);
  const due = drafts.flatMap(({ id, finalizeDueAt }) =>
    finalizeDueAt === null ? [] : [{ id, customerId, dueAt: finalizeDueAt }],
  );
  await enqueueFinalizations(tx, ctx, due);
}

const unique = (instants: readonly Instant[]): Instant[] => [
  ...new Map(instants.map((at) => [at.epochNanoseconds, at])).values(),
];

function newDraft(
  ctx: OperationContext,
  customerId: string,
  contract: Contract,
  slot: { type: "USAGE" | "SCHEDULED"; at: Instant; generation: number },
): NewDraft {
  const { type, at, generation } = slot;
  const environmentId = ctx.environment.id;
  const contractId = contract.id;
  return {
    id: invoiceId({ environmentId, contractId, type, startingAt: at, generation }),
    environmentId,
    customerId,
    contractId,
    type,
    creditTypeId: contract.fiatCreditTypeId,
    startAt: null,
    endAt: null,
    finalizeDueAt: instantText(at),
    generation,
    createdAt: instantText(ctx.now),
  };
}

/** Lets a job go through what the contract calls for at this instant. */
export async function enqueueTurn(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  contractId: string,
  at: Instant,
): Promise<void> {
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "turn-usage-period",
    key: `${contractId}/${instantText(at)}`,
    subject: customerId,
    payload: { contractId },
    dueAt: instantText(at),
  });
}
