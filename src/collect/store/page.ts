import { type SelectQueryBuilder, sql } from "kysely";
import type { CollectDatabase } from "../db/tables.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";

/** Which part of a list is asked for (Stripe docs: Pagination). */
export interface PageQuery {
  /** 1 to 100. */
  readonly limit: number;
  readonly startingAfter?: string | undefined;
  readonly endingBefore?: string | undefined;
  readonly created?: CreatedRange | undefined;
}

/** Bounds in ISO instants. */
export interface CreatedRange {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** More rows follow in the direction of reading. */
  readonly hasMore: boolean;
}

/** Tables with the columns `id, account_id, livemode, created_at`: those that can be listed. */
export type ListedTable = {
  [Table in keyof CollectDatabase]: CollectDatabase[Table] extends {
    id: string;
    account_id: string;
    livemode: boolean;
    created_at: string;
  }
    ? Table
    : never;
}[keyof CollectDatabase] &
  string;

/**
 * Bounds are whole seconds and `created` shows whole seconds: "greater than 5" begins at second 6. Put
 * this way the column stands alone on its side, so that the index on it finds the range.
 */
const BOUNDS = {
  gt: { operator: ">=", addSeconds: 1 },
  gte: { operator: ">=", addSeconds: 0 },
  lt: { operator: "<", addSeconds: 0 },
  lte: { operator: "<", addSeconds: 1 },
} as const;

interface Position {
  created_at: string;
  id: string;
}

/** Where the cursor's object stands; it must be of this account and mode. */
async function findPosition(
  scope: Scope,
  table: ListedTable,
  what: string,
  id: string,
  param: string,
): Promise<Position> {
  const { rows } = await sql<Position>`select created_at, id from ${sql.table(`collect.${table}`)}
    where account_id = ${scope.accountId} and livemode = ${scope.livemode} and id = ${id}`.execute(
    scope.tx,
  );
  const position = rows[0];
  if (position === undefined) throw refused("resource_missing", `No such ${what}: '${id}'`, param);
  return position;
}

function assertOneCursor(page: PageQuery): void {
  if (page.startingAfter === undefined || page.endingBefore === undefined) return;
  throw refused(
    "parameter_invalid",
    "You cannot use both starting_after and ending_before.",
    "ending_before",
  );
}

/** One page of objects that are all there, in their order. Throws 400 for a cursor that is none of them. */
export function cutPage<Row extends { readonly id: string }>(
  what: string,
  all: readonly Row[],
  page: PageQuery,
): Page<Row> {
  assertOneCursor(page);
  const backwards = page.endingBefore !== undefined;
  const cursor = page.startingAfter ?? page.endingBefore;
  const at = cursor === undefined ? -1 : all.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && at === -1) {
    const param = backwards ? "ending_before" : "starting_after";
    throw refused("resource_missing", `No such ${what}: '${cursor}'`, param);
  }
  const rest = backwards ? all.slice(0, at) : all.slice(at + 1);
  const rows = backwards ? rest.slice(-page.limit) : rest.slice(0, page.limit);
  return { rows, hasMore: rest.length > rows.length };
}

/**
 * Runs a list query for one page: newest first by (created_at, id), cursors exclusive. `query` must
 * select from `table` with all its other conditions; account, mode and order are added here.
 */
export async function listPage<Row>(
  scope: Scope,
  table: ListedTable,
  what: string,
  query: SelectQueryBuilder<CollectDatabase, never, Row>,
  page: PageQuery,
): Promise<Page<Row>> {
  assertOneCursor(page);
  const created = sql.ref(`${table}.created_at`);
  const id = sql.ref(`${table}.id`);
  let bounded = query
    .where(sql<boolean>`${sql.ref(`${table}.account_id`)} = ${scope.accountId}`)
    .where(sql<boolean>`${sql.ref(`${table}.livemode`)} = ${scope.livemode}`);
  for (const [name, bound] of Object.entries(page.created ?? {})) {
    const { operator, addSeconds } = BOUNDS[name as keyof CreatedRange];
    bounded = bounded.where(
      sql<boolean>`${created} ${sql.raw(operator)} ${bound}::timestamptz + make_interval(secs => ${addSeconds})`,
    );
  }
  const backwards = page.endingBefore !== undefined;
  const cursor = page.startingAfter ?? page.endingBefore;
  if (cursor !== undefined) {
    const param = backwards ? "ending_before" : "starting_after";
    const at = await findPosition(scope, table, what, cursor, param);
    bounded = bounded.where(
      sql<boolean>`(${created}, ${id}) ${sql.raw(backwards ? ">" : "<")} (${at.created_at}::timestamptz, ${at.id})`,
    );
  }
  const direction = backwards ? "asc" : "desc";
  const found = await bounded
    .orderBy(created, direction)
    .orderBy(id, direction)
    .limit(page.limit + 1)
    .execute();
  const rows = found.slice(0, page.limit);
  return {
    rows: backwards ? rows.reverse() : rows,
    hasMore: found.length > page.limit,
  };
}
