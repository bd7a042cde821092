import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** The rest of a commit as a commit of the contract that follows. Instants are canonical text. */
export interface RolloverCommit {
  readonly id: string;
  readonly sourceId: string;
  readonly contractId: string;
  readonly segments: readonly {
    readonly id: string;
    readonly sourceId: string;
    readonly startingAt: string;
    readonly endingBefore: string;
  }[];
  /** When what is left of a postpaid one is billed; null: it is not. */
  readonly trueUp: { readonly id: string; readonly at: string } | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

/**
 * Adds the rest of a commit to the contract that follows, with the terms that the source has now, or
 * brings it up to date. One that is settled stays as it is.
 */
export async function upsertRolloverCommit(
  tx: CoreTransaction,
  commit: RolloverCommit,
): Promise<void> {
  const { trueUp } = commit;
  const { rows } = await sql`
    insert into commits (id, environment_id, customer_id, contract_id, type, product_id, name,
      description, priority, rate_type, access_credit_type_id, invoice_credit_type_id,
      invoice_contract_id, applicable_product_ids, applicable_product_tags, specifiers,
      rollover_fraction, rolled_over_from_id, created_at, created_by)
    select ${commit.id}::uuid, environment_id, customer_id, ${commit.contractId}::uuid, type,
      product_id, name, description, priority, rate_type, access_credit_type_id,
      case when ${trueUp !== null} then invoice_credit_type_id end,
      case when ${trueUp !== null} then ${commit.contractId}::uuid end,
      applicable_product_ids, applicable_product_tags, specifiers, rollover_fraction, id,
      ${commit.createdAt}::timestamptz, ${commit.createdBy}
    from commits where id = ${commit.sourceId}::uuid
    on conflict (id) do update set
      product_id = excluded.product_id, name = excluded.name, description = excluded.description,
      priority = excluded.priority, rate_type = excluded.rate_type,
      invoice_credit_type_id = excluded.invoice_credit_type_id,
      invoice_contract_id = excluded.invoice_contract_id,
      applicable_product_ids = excluded.applicable_product_ids,
      applicable_product_tags = excluded.applicable_product_tags,
      specifiers = excluded.specifiers, rollover_fraction = excluded.rollover_fraction
    where commits.rollover_settled_at is null
    returning id`.execute(tx);
  if (rows.length === 0) return;
  await tx
    .deleteFrom("commit_segments")
    .where("commit_id", "=", commit.id)
    .where("id", "!=", sql<string>`all(${commit.segments.map(({ id }) => id)}::uuid[])`)
    .execute();
  await tx
    .insertInto("commit_segments")
    .values(
      commit.segments.map((segment) => ({
        id: segment.id,
        commit_id: commit.id,
        amount: "0",
        starting_at: segment.startingAt,
        ending_before: segment.endingBefore,
        rolled_over_from_id: segment.sourceId,
      })),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((row) => ({
        starting_at: row.ref("excluded.starting_at"),
        ending_before: row.ref("excluded.ending_before"),
      })),
    )
    .execute();
  await tx.deleteFrom("commit_invoice_items").where("commit_id", "=", commit.id).execute();
  if (trueUp === null) return;
  await tx
    .insertInto("commit_invoice_items")
    .values({
      id: trueUp.id,
      commit_id: commit.id,
      charged_at: trueUp.at,
      unit_price: "0",
      quantity: "1",
      amount: "0",
    })
    .execute();
}

/**
 * Takes away what a contract was to take over and does not any more: all but these commits. What a
 * later contract was to take over of them goes with them.
 */
export async function deleteRolloversOutside(
  tx: CoreTransaction,
  contractId: string,
  keptIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with recursive gone (id) as (
      select id from commits where contract_id = ${contractId} and rolled_over_from_id is not null
        and rollover_settled_at is null and id <> all(${keptIds}::uuid[])
      union select c.id from commits c join gone on c.rolled_over_from_id = gone.id)
    select id from gone`.execute(tx);
  await deleteCommits(
    tx,
    rows.map(({ id }) => id),
  );
}

/** Takes away what later contracts were to take over of a commit that has not begun. */
export async function deleteRolloversOf(tx: CoreTransaction, sourceId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with recursive gone (id) as (
      select id from commits where rolled_over_from_id = ${sourceId}::uuid
      union select c.id from commits c join gone on c.rolled_over_from_id = gone.id)
    select id from gone`.execute(tx);
  await deleteCommits(
    tx,
    rows.map(({ id }) => id),
  );
}

async function deleteCommits(tx: CoreTransaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .deleteFrom("commit_invoice_items")
    .where("commit_id", "in", [...ids])
    .execute();
  await tx
    .deleteFrom("commit_segments")
    .where("commit_id", "in", [...ids])
    .execute();
  await tx
    .deleteFrom("commits")
    .where("id", "in", [...ids])
    .execute();
}

/** What moved for good, and the entry that says so in the ledger of its source. */
export interface PostedRollover {
  readonly entryId: string;
  readonly fromCommitId: string;
  readonly fromSegmentId: string;
  readonly toSegmentId: string;
  readonly toContractId: string;
  readonly type: string;
  readonly amount: string;
  readonly at: string;
}

/** Posts what moved. The grant on the other side is the amount of its segment. */
export async function insertRollovers(
  tx: CoreTransaction,
  rollovers: readonly PostedRollover[],
): Promise<void> {
  for (const { toSegmentId, amount } of rollovers) {
    await tx.updateTable("commit_segments").set({ amount }).where("id", "=", toSegmentId).execute();
  }
  const moved = rollovers.filter(({ amount }) => amount !== "0");
  if (moved.length === 0) return;
  await tx
    .insertInto("commit_ledger_entries")
    .values(
      moved.map((rollover) => ({
        id: rollover.entryId,
        commit_id: rollover.fromCommitId,
        segment_id: rollover.fromSegmentId,
        type: rollover.type,
        amount: `-${rollover.amount}`,
        entered_at: rollover.at,
        invoice_id: null,
        new_contract_id: rollover.toContractId,
        reason: null,
      })),
    )
    .execute();
}

/** Makes all that a contract took over final; what is still to be billed of it has its amount. */
export async function settleRolloverCommits(
  tx: CoreTransaction,
  contractId: string,
  at: string,
): Promise<void> {
  await sql`
    update commit_invoice_items item set unit_price = granted.amount, amount = granted.amount
    from (select s.commit_id, sum(s.amount) as amount from commit_segments s
      join commits c on c.id = s.commit_id
      where c.contract_id = ${contractId} and c.rolled_over_from_id is not null
        and c.rollover_settled_at is null
      group by s.commit_id) granted
    where item.commit_id = granted.commit_id`.execute(tx);
  await tx
    .updateTable("commits")
    .set({ rollover_settled_at: at })
    .where("contract_id", "=", contractId)
    .where("rolled_over_from_id", "is not", null)
    .where("rollover_settled_at", "is", null)
    .execute();
}

/** Where the commits that a customer's contracts took over came from, by commit. */
export async function listRolloverSources(
  db: CoreDb,
  customerId: string,
): Promise<ReadonlyMap<string, { id: string; contractId: string }>> {
  const { rows } = await sql<{ id: string; source_id: string; contract_id: string }>`
    select c.id, source.id as source_id, source.contract_id
    from commits c join commits source on source.id = c.rolled_over_from_id
    where c.customer_id = ${customerId}`.execute(db);
  return new Map(rows.map((row) => [row.id, { id: row.source_id, contractId: row.contract_id }]));
}
