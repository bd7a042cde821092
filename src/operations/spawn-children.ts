import type { CoreTransaction } from "../db/database.ts";
import type { Contract } from "../domain/contracts/contract.ts";
import type { ProrationBasis } from "../domain/conventions.ts";
import { nextChildrenAt, planChildren } from "../domain/recurring/plan-children.ts";
import { poolIncreases } from "../domain/recurring/pool-increases.ts";
import type { RecurringCommit } from "../domain/recurring/recurring-commit.ts";
import { subscriptionOf } from "../domain/recurring/recurring-periods.ts";
import { seatIncreases } from "../domain/recurring/seat-increases.ts";
import { earlier, type Instant, instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { holdConventions } from "../store/conventions.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import {
  changeChild,
  insertChild,
  insertPoolIncreases,
  listChildPlans,
  removeChild,
} from "../store/recurring-children.ts";
import {
  listRecurringCommits,
  type RecurringCommitRow,
  toRecurringCommit,
} from "../store/recurring-commits.ts";
import { insertEmptySeatSegments } from "../store/seat-segments.ts";
import type { OperationContext } from "./context.ts";

interface ContractKey {
  readonly customerId: string;
  readonly contractId: string;
}

/**
 * Gives a contract the children that its recurring commits and credits call for by now, lets those
 * that have not started follow changed terms, and posts what added units of their subscriptions
 * bring. Ids follow from what they are for, so doing it again changes nothing. Takes turns with
 * edits and finalization: terms do not change while children are made of them. Call it in the
 * transaction that opens the contract's invoices, before the customer's commits are read for that.
 * Answers when it is next due; null: never.
 */
export async function spawnChildren(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contractId }: ContractKey,
): Promise<Instant | null> {
  const find = async () => (await listRecurringCommits(tx, [contractId])).get(contractId) ?? [];
  if ((await find()).length === 0) return null;
  await takeInvoicingTurn(tx, customerId);
  const { contracts } = await loadContracts(tx, customerId);
  const contract = contracts.find(({ id }) => id === contractId);
  if (contract === undefined) return null;
  const { prorationBasis } = await holdConventions(tx, ctx.environment.id);
  let dueAt: Instant | null = null;
  for (const parent of await find()) {
    const recurring = toRecurringCommit(parent);
    await settleChildren(tx, ctx, { customerId, contract, parent, recurring, prorationBasis });
    await settleIncreases(tx, ctx, contract, recurring);
    const nextAt = nextChildrenAt(contract, recurring, ctx.now);
    if (nextAt !== null) dueAt = dueAt === null ? nextAt : earlier(dueAt, nextAt);
  }
  return dueAt;
}

interface Family {
  readonly customerId: string;
  readonly contract: Contract;
  readonly parent: RecurringCommitRow;
  readonly recurring: RecurringCommit;
  readonly prorationBasis: ProrationBasis;
}

async function settleChildren(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contract, parent, recurring, prorationBasis }: Family,
): Promise<void> {
  const known = (await listChildPlans(tx, [parent.id])).get(parent.id) ?? [];
  const changes = planChildren(contract, recurring, known, ctx.now, prorationBasis);
  const { add, change, removeIds } = changes;
  const environmentId = ctx.environment.id;
  const createdAt = instantText(ctx.now);
  faultPoint("spawn-children/before");
  for (const id of removeIds) await removeChild(tx, id, createdAt);
  for (const plan of change) await changeChild(tx, plan);
  for (const plan of add) {
    await insertChild(tx, { parent, environmentId, customerId, plan, createdAt });
    faultPoint("spawn-children/spawned");
  }
}

async function settleIncreases(
  tx: CoreTransaction,
  ctx: OperationContext,
  contract: Contract,
  recurring: RecurringCommit,
): Promise<void> {
  const subscription = subscriptionOf(contract, recurring);
  if (subscription === undefined) return;
  const plans = (await listChildPlans(tx, [recurring.id])).get(recurring.id) ?? [];
  const increases = plans.flatMap((plan) => poolIncreases(recurring, subscription, plan, ctx.now));
  for (const plan of plans) {
    const seats = seatIncreases(recurring, subscription, plan, ctx.now);
    await insertEmptySeatSegments(tx, plan, seats);
    increases.push(...seats);
  }
  await insertPoolIncreases(tx, recurring.type, increases);
  faultPoint("spawn-children/increased");
}
