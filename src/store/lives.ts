import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { canonicalText } from "../domain/invoices/canonical.ts";
import type { LifeEdit } from "../domain/notifications/life.ts";
import type { RecordedLife } from "../domain/notifications/life-changes.ts";
import { instant } from "../domain/time.ts";
import { type CommitRecord, listCommits } from "./commits.ts";

export interface LivesOf {
  readonly environmentId: string;
  readonly customerId: string;
  /** Only the contract, commit or credit of this id; absent: all. */
  readonly id?: string;
}

type Edits = ReadonlyMap<string, readonly LifeEdit[]>;

/** The lives of a customer's contracts, commits and credits, archived ones too. */
export async function listLives(db: CoreDb, of: LivesOf): Promise<RecordedLife[]> {
  const customer = await db
    .selectFrom("customers")
    .select("archived_at")
    .where("environment_id", "=", of.environmentId)
    .where("id", "=", of.customerId)
    .executeTakeFirst();
  if (customer === undefined) return [];
  const contracts = await listContractLives(db, of);
  const commits = await listCommits(db, { ...of, includeArchived: true });
  const ids = commits.map(({ row }) => row.id);
  const edits = await listCommitEdits(db, ids);
  const paid = await listPaidTimes(db, ids);
  const lives = commits.map((record) =>
    toCommitLife(record, {
      edits,
      createdAt: paid.get(record.row.id) ?? record.row.created_at,
      customerArchivedAt: customer.archived_at,
    }),
  );
  return [...contracts, ...lives];
}

/** When commits were paid that had to be paid first: before that they are not there. */
async function listPaidTimes(
  db: CoreDb,
  commitIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (commitIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("payment_workflows")
    .select(["commit_id", "settled_at"])
    .where("commit_id", "in", [...commitIds])
    .execute();
  return new Map(rows.flatMap(({ commit_id: id, settled_at: at }) => (at ? [[id, at]] : [])));
}

async function listContractLives(db: CoreDb, { customerId, id }: LivesOf): Promise<RecordedLife[]> {
  const rows = await db
    .selectFrom("contracts")
    .select(["id", "created_at", "archived_at", "starting_at", "ending_before"])
    .where("customer_id", "=", customerId)
    .$if(id !== undefined, (query) => query.where("id", "=", id ?? ""))
    .orderBy("position")
    .execute();
  const edits = await listContractEdits(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    life: {
      kind: "contract",
      id: row.id,
      contractId: row.id,
      createdAt: instant(row.created_at),
      archivedAt: toInstant(row.archived_at),
      edits: edits.get(row.id) ?? [],
      startingAt: instant(row.starting_at),
      endingBefore: toInstant(row.ending_before),
    },
    terms: "",
  }));
}

const toInstant = (text: string | null) => (text === null ? null : instant(text));

/** What belongs to an archived customer itself ended with it. */
function toCommitLife(
  { row, segments, invoiceItems }: CommitRecord,
  {
    edits,
    createdAt,
    customerArchivedAt,
  }: {
    readonly edits: Edits;
    readonly createdAt: string;
    readonly customerArchivedAt: string | null;
  },
): RecordedLife {
  const { archived_at, rollover_settled_at: _, ...terms } = row;
  return {
    life: {
      kind: row.type === "CREDIT" ? "credit" : "commit",
      id: row.id,
      contractId: row.contract_id,
      createdAt: instant(createdAt),
      archivedAt: toInstant(archived_at ?? customerArchivedAt),
      edits: edits.get(row.id) ?? [],
      recurringId: row.recurring_commit_id,
      segments: segments.map((segment) => ({
        id: segment.id,
        startingAt: instant(segment.starting_at),
        endingBefore: instant(segment.ending_before),
      })),
    },
    terms: canonicalText({ terms, segments, invoiceItems }),
  };
}

async function listContractEdits(db: CoreDb, ids: readonly string[]): Promise<Edits> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("contract_edits")
    .select(["id", "contract_id as of", "edited_at as at"])
    .where("contract_id", "in", [...ids])
    .orderBy("position")
    .execute();
  return toEdits(rows);
}

async function listCommitEdits(db: CoreDb, ids: readonly string[]): Promise<Edits> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("commit_edits")
    .select(["id", "commit_id as of", "edited_at as at"])
    .where("commit_id", "in", [...ids])
    .orderBy("position")
    .execute();
  return toEdits(rows);
}

const toEdits = (rows: readonly { id: string; of: string; at: string }[]): Edits =>
  Map.groupBy(
    rows.map(({ id, of, at }) => ({ id, of, at: instant(at) })),
    (edit) => edit.of,
  );

/** Records an edit of a commit or credit; one that is recorded already stays. */
export async function insertCommitEdit(
  tx: CoreTransaction,
  edit: { readonly id: string; readonly commitId: string; readonly at: string },
): Promise<void> {
  await tx
    .insertInto("commit_edits")
    .values({ id: edit.id, commit_id: edit.commitId, edited_at: edit.at })
    .onConflict((clash) => clash.column("id").doNothing())
    .execute();
}

/** A few of an environment's customers in the order of their creation. */
export async function listCustomersAfter(
  db: CoreDb,
  environmentId: string,
  after: string,
  limit: number,
): Promise<{ id: string; position: bigint }[]> {
  return db
    .selectFrom("customers")
    .select(["id", "position"])
    .where("environment_id", "=", environmentId)
    .where("position", ">", BigInt(after))
    .orderBy("position")
    .limit(limit)
    .execute();
}
