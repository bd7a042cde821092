import type { CoreTransaction } from "../db/database.ts";
import { rolloverWindow } from "../domain/commits/rollover-window.ts";
import { dec, ZERO } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { type Instant, instant, instantText, later } from "../domain/time.ts";
import { type CommitRecord, listCommits } from "../store/commits.ts";
import { findRenewal, type Renewal } from "../store/contract-transitions.ts";
import { lockCustomer } from "../store/customers.ts";
import {
  deleteRolloversOutside,
  type RolloverCommit,
  upsertRolloverCommit,
} from "../store/rollover-commits.ts";
import type { OperationContext } from "./context.ts";

/**
 * Gives a contract that renews another one a commit for each commit and credit whose rest it takes
 * over, and keeps them in step with these until they are settled: their amounts are what rating
 * decides. Their ids follow from the contract and the source, so doing it again does no harm.
 */
export async function openRollovers(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> {
  const renewal = await findRenewal(tx, contractId);
  if (renewal === undefined) return;
  await lockCustomer(tx, ctx.environment.id, renewal.customerId);
  const { customerId, fromContractId } = renewal;
  const records = await listCommits(tx, { customerId, includeArchived: false });
  const taken = records
    .filter(({ row }) => row.contract_id === fromContractId)
    .map((record) => toRollover(ctx, renewal, record))
    .filter((rollover) => rollover !== undefined);
  await deleteRolloversOutside(
    tx,
    contractId,
    taken.map(({ id }) => id),
  );
  for (const commit of taken) await upsertRolloverCommit(tx, commit);
}

function toRollover(
  ctx: OperationContext,
  { contractId, startingAt, endingBefore }: Renewal,
  { row, segments }: CommitRecord,
): RolloverCommit | undefined {
  if (row.rollover_fraction === null || dec(row.rollover_fraction).eq(ZERO)) return undefined;
  const next = {
    startingAt: instant(startingAt),
    endingBefore: endingBefore === null ? null : instant(endingBefore),
  };
  const windows = segments.flatMap((segment) => {
    const window = rolloverWindow(
      { startingAt: instant(segment.starting_at), endingBefore: instant(segment.ending_before) },
      next,
    );
    return window === undefined ? [] : [{ segment, window }];
  });
  const lastEnd = windows
    .map(({ window }) => window.end)
    .reduce<Instant | undefined>(latest, undefined);
  if (lastEnd === undefined) return undefined;
  const id = uuidV5(contractId, `rollover/${row.id}`);
  // Not the dates: a transition may have removed the old true-up, and what rolls over stays owed.
  const isTrueUp =
    row.type === "POSTPAID" && !row.do_not_invoice && row.true_up_disabled_at === null;
  return {
    id,
    sourceId: row.id,
    contractId,
    segments: windows.map(({ segment, window }) => ({
      id: uuidV5(contractId, `rollover/${segment.id}`),
      sourceId: segment.id,
      startingAt: instantText(window.start),
      endingBefore: instantText(window.end),
    })),
    trueUp: isTrueUp ? { id: uuidV5(id, "true-up"), at: instantText(lastEnd) } : null,
    createdAt: instantText(ctx.now),
    createdBy: ctx.actor,
  };
}

const latest = (last: Instant | undefined, at: Instant): Instant => later(last ?? at, at);
