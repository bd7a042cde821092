import type { CoreTransaction } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import { type ChildPlan, childIds } from "../domain/recurring/child-plan.ts";
import type { SeatIncrease } from "../domain/recurring/seat-increases.ts";
import type { SeatSegment } from "../domain/recurring/seat-segments.ts";
import { instantText } from "../domain/time.ts";

/** The window of access is the child's for every seat, so that none cuts the lines of others. */
const toColumns = (plan: ChildPlan, { id, seatId }: Pick<SeatSegment, "id" | "seatId">) => ({
  id,
  commit_id: childIds(plan).id,
  seat_id: seatId,
  starting_at: instantText(plan.active.start),
  ending_before: instantText(plan.accessEndingBefore),
});

/** Gives seats what a child grants them; those that are there follow it. */
export async function upsertSeatSegments(
  tx: CoreTransaction,
  plan: ChildPlan,
  segments: readonly SeatSegment[],
): Promise<void> {
  if (segments.length === 0) return;
  await tx
    .insertInto("commit_segments")
    .values(
      segments.map((segment) => ({ ...toColumns(plan, segment), amount: toText(segment.amount) })),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet(({ ref }) => ({
        amount: ref("excluded.amount"),
        starting_at: ref("excluded.starting_at"),
        ending_before: ref("excluded.ending_before"),
      })),
    )
    .execute();
}

/** Takes away the segments of a child's other seats; where the ledger has entries, they stay empty. */
export async function removeOtherSeatSegments(
  tx: CoreTransaction,
  plan: ChildPlan,
  segments: readonly SeatSegment[],
): Promise<void> {
  const kept = segments.map(({ id }) => id);
  const { id: commitId } = childIds(plan);
  const others = await tx
    .selectFrom("commit_segments")
    .select("id")
    .where("commit_id", "=", commitId)
    .$if(kept.length > 0, (query) => query.where("id", "not in", kept))
    .execute();
  for (const { id } of others) {
    const entry = await tx
      .selectFrom("commit_ledger_entries")
      .select("id")
      .where("segment_id", "=", id)
      .executeTakeFirst();
    await (entry === undefined
      ? tx.deleteFrom("commit_segments").where("id", "=", id).execute()
      : tx.updateTable("commit_segments").set({ amount: "0" }).where("id", "=", id).execute());
  }
}

/** Makes room for what seats bring that came later; those that have a segment keep it. */
export async function insertEmptySeatSegments(
  tx: CoreTransaction,
  plan: ChildPlan,
  increases: readonly SeatIncrease[],
): Promise<void> {
  if (increases.length === 0) return;
  await tx
    .insertInto("commit_segments")
    .values(
      increases.map(({ segmentId, seatId }) => ({
        ...toColumns(plan, { id: segmentId, seatId }),
        amount: "0",
      })),
    )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}
