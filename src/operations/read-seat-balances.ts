import type { CoreDb } from "../db/database.ts";
import {
  type SeatBalance,
  type SeatGrant,
  seatBalances,
} from "../domain/subscriptions/seat-balances.ts";
import { seatsAt } from "../domain/subscriptions/seats.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import { type Instant, instant, isAfter } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listCommits } from "../store/commits.ts";
import { getContract } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import { listRecurringCommits } from "../store/recurring-commits.ts";
import { listSubscriptions } from "../store/subscriptions.ts";
import type { OperationContext } from "./context.ts";
import { type CommitDetail, loadCommitDetails } from "./load-commit-details.ts";

export interface SeatBalanceQuery {
  readonly customerId: string;
  readonly contractId: string;
  /** Absent: all subscriptions with seats. */
  readonly subscriptionIds: readonly string[] | undefined;
  /** Absent: all seats. */
  readonly seatIds: readonly string[] | undefined;
  /** Only what gives access at some instant from here on. */
  readonly from: Instant | undefined;
  /** Only what gives access at some instant up to here. Without either: what has begun by now. */
  readonly to: Instant | undefined;
}

/**
 * What the seats of a contract's subscriptions have left of the commits and credits that are granted
 * to each of them: of who has a seat now and of who was granted something, in order of their ids.
 * Throws not found.
 */
export async function readSeatBalances(
  ctx: OperationContext,
  query: SeatBalanceQuery,
): Promise<SeatBalance[]> {
  const read = async (db: CoreDb): Promise<SeatBalance[]> => {
    const { customerId, contractId } = query;
    await getCustomer(db, ctx.environment.id, customerId);
    await getContract(db, { environmentId: ctx.environment.id, customerId, contractId });
    const subscriptions = await findSubscriptions(db, query);
    const recurring = (await listRecurringCommits(db, [contractId])).get(contractId) ?? [];
    const wanted = new Set(subscriptions.map(({ id }) => id));
    const parents = new Set(
      recurring
        .filter(
          ({ subscription_id: id, allocation }) =>
            allocation === "INDIVIDUAL" && wanted.has(id ?? ""),
        )
        .map(({ id }) => id),
    );
    const records = (await listCommits(db, { customerId, includeArchived: false })).filter(
      ({ row }) => row.recurring_commit_id !== null && parents.has(row.recurring_commit_id),
    );
    const choice = { balance: false, ledgers: true };
    const details = await loadCommitDetails({ ...ctx, db }, customerId, records, choice);
    const isOpen = query.from === undefined && query.to === undefined;
    const window = isOpen ? { from: undefined, to: ctx.now } : query;
    const isMeant = (seatId: string) => query.seatIds?.includes(seatId) ?? true;
    const grants = details
      .flatMap(toGrants)
      .filter((grant) => isMeant(grant.seatId) && isWithin(grant, window));
    const seated = subscriptions.flatMap(({ seats }) =>
      seats === null ? [] : seatsAt(seats, ctx.now),
    );
    return seatBalances(seated.filter(isMeant), grants);
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

async function findSubscriptions(
  db: CoreDb,
  { contractId, subscriptionIds }: SeatBalanceQuery,
): Promise<Subscription[]> {
  const records = (await listSubscriptions(db, [contractId])).get(contractId) ?? [];
  const seated = records
    .map(({ subscription }) => subscription)
    .filter(({ seats }) => seats !== null);
  if (subscriptionIds === undefined) return seated;
  return subscriptionIds.map((id, n) => {
    const found = seated.find((subscription) => subscription.id === id);
    if (found !== undefined) return found;
    const field = `subscription_ids[${n}]`;
    throw invalid(`${field} is not of a SEAT_BASED subscription of the contract`, field);
  });
}

function toGrants({ record: { row, segments }, ledger = [] }: CommitDetail): SeatGrant[] {
  const entries = Map.groupBy(ledger, ({ segmentId }) => segmentId);
  return segments.flatMap((segment) => {
    const { id, seat_id: seatId } = segment;
    if (seatId === null) return [];
    return {
      seatId,
      commitId: row.id,
      type: row.type,
      creditTypeId: row.access_credit_type_id,
      startingAt: instant(segment.starting_at),
      endingBefore: instant(segment.ending_before),
      ledger: entries.get(id) ?? [],
    };
  });
}

const isWithin = (
  { startingAt, endingBefore }: SeatGrant,
  { from, to }: Pick<SeatBalanceQuery, "from" | "to">,
): boolean =>
  (from === undefined || isAfter(endingBefore, from)) &&
  (to === undefined || !isAfter(startingAt, to));
