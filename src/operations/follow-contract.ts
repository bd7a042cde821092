import type { CoreTransaction } from "../db/database.ts";
import {
  dropsItems,
  endOfFollowed,
  itemsToDrop,
  type Transition,
} from "../domain/contracts/transition.ts";
import { type Instant, instant, instantText, isAfter, isBefore, later } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { listCommits } from "../store/commits.ts";
import { findLastFinalizedEnd } from "../store/contract-invoices.ts";
import { findSuccessor, listUnsettledRenewals } from "../store/contract-transitions.ts";
import { type ContractRow, getContract, updateContract } from "../store/contracts.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { dropScheduleItems } from "../store/drop-schedule-items.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { listScheduledCharges } from "../store/scheduled-charges.ts";
import type { OperationContext } from "./context.ts";
import { openContract } from "./open-invoices.ts";

/** A contract that is about to follow another one of the same customer. */
export interface Follower {
  readonly customerId: string;
  readonly startingAt: Instant;
  readonly creditTypeId: string;
}

/**
 * The contract that a new one is to follow, held against finalization. Refused unless it is of the
 * same customer and currency, in use, older, not invoiced beyond the new start and not followed by
 * another one. A contract can only follow one that was there before, so there are no circles.
 */
export async function getFollowed(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, startingAt, creditTypeId }: Follower,
  { fromContractId: contractId }: Transition,
): Promise<ContractRow> {
  await takeInvoicingTurn(tx, customerId);
  const row = await getContract(tx, { environmentId: ctx.environment.id, customerId, contractId });
  const field = "transition.from_contract_id";
  const refuse = (why: string) => invalid(`${field}: contract ${contractId} ${why}`, field);
  if (row.archived_at !== null) throw refuse("is archived");
  if (!isBefore(instant(row.starting_at), startingAt)) {
    throw refuse(`starts on ${row.starting_at}, which is not before starting_at`);
  }
  if (row.fiat_credit_type_id !== creditTypeId) throw refuse("is in another currency");
  const successor = await findSuccessor(tx, contractId);
  if (successor !== undefined) throw refuse(`is followed by contract ${successor.id} already`);
  const invoicedUntil = await findLastFinalizedEnd(tx, contractId);
  if (invoicedUntil !== undefined && isAfter(instant(invoicedUntil), startingAt)) {
    throw refuse(`is invoiced up to ${invoicedUntil}, which is after starting_at`);
  }
  return row;
}

/**
 * Ends the contract that the new one follows, drops what the transition says of its schedules, and
 * lets its drafts and what rolls over follow. Call it when the new contract has all its parts.
 */
export async function followContract(
  tx: CoreTransaction,
  ctx: OperationContext,
  followed: ContractRow,
  transition: Transition,
  startingAt: Instant,
): Promise<void> {
  const end = followed.ending_before === null ? null : instant(followed.ending_before);
  const endingBefore = instantText(endOfFollowed(end, startingAt));
  await updateContract(tx, followed.id, { ending_before: endingBefore });
  await dropSchedules(tx, followed, transition, startingAt);
  await openContract(tx, ctx, followed.id);
  if (transition.type !== "RENEWAL") return;
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "settle-rollovers",
    key: followed.id,
    subject: followed.customer_id,
    payload: { customerId: followed.customer_id },
    dueAt: instantText(later(startingAt, ctx.now)),
  });
}

async function dropSchedules(
  tx: CoreTransaction,
  { id, customer_id: customerId }: ContractRow,
  transition: Transition,
  startingAt: Instant,
): Promise<void> {
  const invoiced = await listInvoicedItems(tx, [id]);
  const charges = (await listScheduledCharges(tx, [id])).get(id) ?? [];
  const commits = (await listCommits(tx, { customerId, includeArchived: false })).filter(
    ({ row }) => row.contract_id === id,
  );
  const schedules = [
    ...charges.map(({ items }) => ({ items, of: "charges and purchases" as const })),
    ...commits.map(({ row, invoiceItems: items }) => ({
      items,
      of: row.type === "POSTPAID" ? ("true-ups" as const) : ("charges and purchases" as const),
    })),
  ];
  const dropped = schedules
    .filter(({ of }) => dropsItems(transition, of))
    .flatMap(({ items }) => itemsToDrop(items, startingAt, invoiced));
  await dropScheduleItems(
    tx,
    dropped.map((item) => item.id),
  );
}

/** Refuses to archive a contract whose rest is still on its way to the contract that renews it. */
export async function refuseUnsettledSource(
  tx: CoreTransaction,
  { customerId, contractId }: { readonly customerId: string; readonly contractId: string },
): Promise<void> {
  const renewals = await listUnsettledRenewals(tx, customerId);
  const renewal = renewals.find(({ fromContractId }) => fromContractId === contractId);
  if (renewal === undefined) return;
  throw invalid(
    `Contract ${renewal.contractId} takes over what this one leaves when its last invoice is final; archive that one first`,
    "contract_id",
  );
}
