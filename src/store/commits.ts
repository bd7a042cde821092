import { type Selectable, type SqlBool, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CommitSegmentsTable, CommitsTable } from "../db/tables/commits.ts";
import type { Commit, CommitSegment, CommitSpecifier } from "../domain/commits/commit.ts";
import type { ScheduleItem } from "../domain/contracts/contract.ts";
import { dec, ZERO } from "../domain/decimal.ts";
import { instant } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";
import { toChildPlan } from "./child-plans.ts";
import type { SegmentUse } from "./commit-ledger.ts";
import { type NewScheduleItem, toItemColumns, toScheduleItem } from "./scheduled-charges.ts";

export type CommitRow = Selectable<CommitsTable>;
export type SegmentRow = Selectable<CommitSegmentsTable>;

/** A commit or credit with its access segments and the schedule of its purchase, by date. */
export interface CommitRecord {
  readonly row: CommitRow;
  readonly segments: readonly SegmentRow[];
  readonly invoiceItems: readonly ScheduleItem[];
}

export interface NewSegment {
  readonly amount: string;
  readonly startingAt: string;
  readonly endingBefore: string;
}

export type NewCommit = Omit<
  CommitRow,
  | "id"
  | "position"
  | "archived_at"
  | "applicable_product_ids"
  | "applicable_product_tags"
  | "applicable_contract_ids"
  | "specifiers"
  | "true_up_disabled_at"
  | "recurring_commit_id"
  | "recurring_plan"
  | "rollover_fraction"
  | "rolled_over_from_id"
  | "rollover_settled_at"
> & {
  readonly rolloverFraction: string | null;
  readonly applicableProductIds: readonly string[] | null;
  readonly applicableProductTags: readonly string[] | null;
  readonly applicableContractIds: readonly string[] | null;
  readonly specifiers: readonly CommitSpecifier[] | null;
  readonly segments: readonly NewSegment[];
  readonly invoiceItems: readonly NewScheduleItem[];
};

const toJson = (values: readonly unknown[] | null): string | null =>
  values && JSON.stringify(values);

/** Adds a commit or credit with all its parts; returns its id. Throws conflict on a used key. */
export async function insertCommit(tx: CoreTransaction, commit: NewCommit): Promise<string> {
  const { segments, invoiceItems, applicableProductIds, applicableProductTags, ...rest } = commit;
  const { applicableContractIds, specifiers, rolloverFraction, ...columns } = rest;
  const { id } = await tx
    .insertInto("commits")
    .values({
      ...columns,
      applicable_product_ids: toJson(applicableProductIds),
      applicable_product_tags: toJson(applicableProductTags),
      applicable_contract_ids: toJson(applicableContractIds),
      specifiers: toJson(specifiers),
      rollover_fraction: rolloverFraction,
      archived_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow()
    .catch(explainDuplicate);
  // A commit that has to be paid first gets its segments then.
  if (segments.length > 0) {
    await tx
      .insertInto("commit_segments")
      .values(
        segments.map((segment) => ({
          commit_id: id,
          amount: segment.amount,
          starting_at: segment.startingAt,
          ending_before: segment.endingBefore,
        })),
      )
      .execute();
  }
  if (invoiceItems.length > 0) {
    await tx
      .insertInto("commit_invoice_items")
      .values(invoiceItems.map((item) => ({ commit_id: id, ...toItemColumns(item) })))
      .execute();
  }
  return id;
}

function explainDuplicate(error: unknown): never {
  if (violatedConstraint(error) === "commits_uniqueness_key") {
    throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
  }
  throw error;
}

export interface CommitFilter {
  readonly customerId: string;
  readonly includeArchived: boolean;
  /** Only these kinds; absent: all. */
  readonly types?: readonly CommitRow["type"][];
  readonly id?: string | undefined;
  /** false: only those of the customer itself, none of its contracts. Default true. */
  readonly includeContractLevel?: boolean;
  /** With a segment that gives access at this instant. */
  readonly coveringAt?: string | undefined;
  /** With a segment that ends after this instant. */
  readonly endingAfter?: string | undefined;
  /** With a segment that starts before this instant. */
  readonly startingBefore?: string | undefined;
  readonly after?: bigint | undefined;
  readonly limit?: number;
}

/** Whose commit or credit it is; undefined outside of this environment. */
export async function findCustomerOfCommit(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("commits")
    .select("customer_id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.customer_id;
}

/** A customer's commits and credits in the order of their creation, with all their parts. */
export async function listCommits(db: CoreDb, filter: CommitFilter): Promise<CommitRecord[]> {
  const { types, id, after, limit } = filter;
  const rows = await db
    .selectFrom("commits")
    .selectAll()
    .where("customer_id", "=", filter.customerId)
    .$if(!filter.includeArchived, (query) => query.where("archived_at", "is", null))
    .$if(types !== undefined, (query) => query.where("type", "in", [...(types ?? [])]))
    .$if(id !== undefined, (query) => query.where("id", "=", id ?? ""))
    .$if(filter.includeContractLevel === false, (query) => query.where("contract_id", "is", null))
    .where(hasSegment(filter))
    .$if(after !== undefined, (query) => query.where("position", ">", after ?? 0n))
    .orderBy("position")
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return withParts(db, rows);
}

const hasSegment = ({ coveringAt, endingAfter, startingBefore }: CommitFilter) => sql<SqlBool>`
  exists (select from commit_segments s where s.commit_id = commits.id
    and (${coveringAt ?? null}::timestamptz is null
      or (s.starting_at <= ${coveringAt ?? null}::timestamptz and s.ending_before > ${coveringAt ?? null}::timestamptz))
    and (${endingAfter ?? null}::timestamptz is null or s.ending_before > ${endingAfter ?? null}::timestamptz)
    and (${startingBefore ?? null}::timestamptz is null or s.starting_at < ${startingBefore ?? null}::timestamptz))`;

async function withParts(db: CoreDb, rows: readonly CommitRow[]): Promise<CommitRecord[]> {
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const segments = await db
    .selectFrom("commit_segments")
    .selectAll()
    .where("commit_id", "in", ids)
    .orderBy("starting_at")
    .orderBy("position")
    .execute();
  const items = await db
    .selectFrom("commit_invoice_items")
    .selectAll()
    .where("commit_id", "in", ids)
    .orderBy("charged_at")
    .orderBy("position")
    .execute();
  const segmentsOf = Map.groupBy(segments, (segment) => segment.commit_id);
  const itemsOf = Map.groupBy(items, (item) => item.commit_id);
  return rows.map((row) => ({
    row,
    segments: segmentsOf.get(row.id) ?? [],
    invoiceItems: (itemsOf.get(row.id) ?? []).map(toScheduleItem),
  }));
}

/** Since when a customer's commits and credits are there, and until when; null: to this day. */
export async function listCommitLives(
  db: CoreDb,
  customerId: string,
): Promise<
  ReadonlyMap<string, { readonly createdAt: string; readonly archivedAt: string | null }>
> {
  const rows = await db
    .selectFrom("commits")
    .select(["id", "created_at", "archived_at"])
    .where("customer_id", "=", customerId)
    .execute();
  return new Map(
    rows.map((row) => [row.id, { createdAt: row.created_at, archivedAt: row.archived_at }]),
  );
}

/** Archives the commits and credits that belong to a contract. */
export async function archiveCommitsOfContract(
  tx: CoreTransaction,
  contractId: string,
  at: string,
): Promise<void> {
  await tx
    .updateTable("commits")
    .set({ archived_at: at })
    .where("contract_id", "=", contractId)
    .where("archived_at", "is", null)
    .execute();
}

/** A commit as rating sees it; `gone` holds what is gone of each segment already. */
export function toCommit(
  { row, segments, invoiceItems }: CommitRecord,
  gone: ReadonlyMap<string, SegmentUse>,
): Commit {
  const isBilled = !row.do_not_invoice && invoiceItems.length > 0;
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    productId: row.product_id,
    creditTypeId: row.access_credit_type_id,
    contractId: row.contract_id,
    applicableContractIds: row.applicable_contract_ids,
    applicableProductIds: row.applicable_product_ids,
    applicableProductTags: row.applicable_product_tags,
    rateType: row.rate_type,
    specifiers: row.specifiers,
    priority: dec(row.priority),
    isRollover: row.rolled_over_from_id !== null,
    recurring:
      row.recurring_commit_id === null || row.recurring_plan === null
        ? null
        : toChildPlan(row.recurring_commit_id, row.recurring_plan),
    segments: segments.map((segment) => ({
      ...toSegment(row, segment, gone.get(segment.id) ?? UNUSED),
      ...toSeat(row, segment),
    })),
    invoiceContractId: isBilled ? row.invoice_contract_id : null,
    invoiceSchedule: isBilled && row.true_up_disabled_at === null ? invoiceItems : [],
  };
}

const UNUSED: SegmentUse = { used: ZERO, rolledOver: ZERO };

/** Whose usage alone a segment pays for: the plan of the child tells how seats are named. */
const toSeat = (
  { recurring_plan: plan }: CommitRow,
  { seat_id: seatId }: SegmentRow,
): Pick<CommitSegment, "seat"> =>
  seatId === null || plan?.seats === undefined
    ? {}
    : { seat: { groupKey: plan.seats.group_key, seatId } };

/** What was added by hand beyond what is used enlarges the grant: nothing is used less than zero. */
function toSegment(
  row: CommitRow,
  segment: SegmentRow,
  { used, rolledOver }: SegmentUse,
): CommitSegment {
  const granted = dec(segment.amount);
  const isEnlarged = used.lt(ZERO);
  const { rolled_over_from_id: sourceId } = segment;
  const isPending = sourceId !== null && row.rollover_settled_at === null;
  return {
    id: segment.id,
    startingAt: instant(segment.starting_at),
    endingBefore: instant(segment.ending_before),
    amount: isEnlarged ? granted.minus(used) : granted,
    used: isEnlarged ? ZERO : used,
    rolledOver,
    ...(isPending
      ? { source: { segmentId: sourceId, fraction: dec(row.rollover_fraction ?? "0") } }
      : {}),
  };
}
