import { type RawBuilder, sql } from "kysely";
import type { CoreDb } from "../../db/database.ts";
import type { StoredExportCursor } from "../../db/tables/exports.ts";
import type { Cell, Column, ColumnType, Row } from "../../platform/tabular/column.ts";

/** A column with the expression it is read by. */
export interface SqlColumn extends Column {
  readonly expression: string;
}

/** One way to find rows of a table, in an order that an index keeps. */
export interface Lane {
  readonly from: string;
  /** Of a row's environment. */
  readonly environment: string;
  readonly where?: string;
  /** What the rows are in order of, with its type; of an incremental table the change comes first. */
  readonly keys: readonly (readonly [expression: string, type: string])[];
  /** Rows whose change by this expression is in the window are left out: another lane has them. */
  readonly unless?: string;
  /**
   * Rows are parts of rows of `from`, which this join takes apart; the last key is a part's place in its
   * row, from 1. A row that has no parts must come out of the join as well, with place 0.
   */
  readonly parts?: { readonly alias: string; readonly join: string };
}

/** A table of the export that is one query. */
export interface SqlTable {
  readonly name: string;
  readonly columns: readonly SqlColumn[];
  /** What names a row, beside its environment. */
  readonly key: string;
  readonly lanes: readonly Lane[];
}

/** Transactions whose changes are read: from the first on, and before the second. */
export interface ChangeWindow {
  /** undefined: from the beginning. */
  readonly start: string | undefined;
  readonly end: string;
}

export interface ExportPage {
  readonly rows: readonly Row[];
  /** undefined: that was all. */
  readonly next: StoredExportCursor | undefined;
}

export interface PageQuery {
  readonly environmentId: string;
  /** undefined: all rows as they are now. */
  readonly window: ChangeWindow | undefined;
  /** undefined: from the beginning. */
  readonly after: StoredExportCursor | undefined;
  readonly limit: number;
}

/** Columns by name: type and expression. */
export const sqlColumns = (
  columns: Readonly<Record<string, readonly [type: ColumnType, expression: string]>>,
): SqlColumn[] =>
  Object.entries(columns).map(([name, [type, expression]]) => ({ name, type, expression }));

/** JSON without the null that stands for nothing in it. */
export const jsonOf = (expression: string): string => `nullif(${expression}, 'null'::jsonb)::text`;

/** A price as the API names its parts, as JSON: what is kept is called by `type`. */
export const priceOf = (expression: string, others = ""): string =>
  `case when ${expression} is not null then (${expression} - 'type'
    || jsonb_build_object('rate_type', ${expression} -> 'type'${others}))::text end`;

/** The custom fields of a thing, as JSON. */
export const customFieldsOf = (entity: string, alias: string, environment: string): string =>
  `(select coalesce(jsonb_object_agg(stored.key, stored.value), '{}')::text
    from custom_field_values stored join custom_field_keys known
      on known.environment_id = stored.environment_id and known.entity = stored.entity
      and known.key = stored.key and known.removed_at is null
    where stored.environment_id = ${environment} and stored.entity = '${entity}'
      and stored.entity_id = ${alias}.id)`;

/** Rows that are found at once to be taken apart. */
const ROWS_TAKEN_APART = 1000;

const keyName = (place: number): string => `key_${place}`;

function tuple({ keys }: Lane, count: number, values?: StoredExportCursor): RawBuilder<unknown> {
  const parts = keys
    .slice(0, count)
    .map(([expression, type], at) =>
      values === undefined ? sql.raw(expression) : sql`${String(values[at])}::${sql.raw(type)}`,
    );
  return sql`(${sql.join(parts)})`;
}

function conditions(lane: Lane, { environmentId, window }: PageQuery): RawBuilder<unknown>[] {
  const [change] = lane.keys;
  const changedBy = sql.raw(change?.[0] ?? "");
  return [
    sql`${sql.raw(lane.environment)} = ${environmentId}::uuid`,
    ...(lane.where === undefined ? [] : [sql.raw(lane.where)]),
    ...(window === undefined ? [] : [sql`${changedBy} < ${window.end}::xid8`]),
    ...(window?.start === undefined ? [] : [sql`${changedBy} >= ${window.start}::xid8`]),
    ...(window === undefined || lane.unless === undefined ? [] : [outside(lane.unless, window)]),
  ];
}

function outside(change: string, { start, end }: ChangeWindow): RawBuilder<unknown> {
  const changedBy = sql.raw(change);
  const later = sql`${changedBy} >= ${end}::xid8`;
  return start === undefined ? later : sql`(${later} or ${changedBy} < ${start}::xid8)`;
}

type Found = Readonly<Record<string, Cell>>;

async function readLane(
  db: CoreDb,
  { columns }: SqlTable,
  lane: Lane,
  query: PageQuery,
  after: StoredExportCursor | undefined,
): Promise<readonly Found[]> {
  const selected = columns.map(
    ({ name, expression }) => sql`${sql.raw(expression)} as ${sql.ref(name)}`,
  );
  const keys = lane.keys.map(
    ([expression], at) => sql`(${sql.raw(expression)})::text as ${sql.ref(keyName(at))}`,
  );
  const where = sql.join(conditions(lane, query), sql` and `);
  const { rows } = await sql<Found>`select ${sql.join([...selected, ...keys])}
    from ${lane.parts === undefined ? whole(lane, where, after) : apart(lane, where, after)}
    order by ${orderOf(lane, lane.keys.length)} limit ${query.limit}`.execute(db);
  return rows;
}

const orderOf = ({ keys }: Lane, count: number) =>
  sql.join(keys.slice(0, count).map(([expression]) => sql.raw(expression)));

/** The keys beyond those of a cursor. */
const beyond = (lane: Lane, after: StoredExportCursor | undefined, from = sql`and`) =>
  after === undefined
    ? sql``
    : sql`${from} ${tuple(lane, lane.keys.length)} > ${tuple(lane, lane.keys.length, after)}`;

const whole = (
  lane: Lane,
  where: RawBuilder<unknown>,
  after: StoredExportCursor | undefined,
): RawBuilder<unknown> => sql`${sql.raw(lane.from)} where ${where} ${beyond(lane, after)}`;

/**
 * Rows are found first and then taken apart: told to do both at once, the database takes all of them
 * apart, for every page.
 */
function apart(
  lane: Lane,
  where: RawBuilder<unknown>,
  after: StoredExportCursor | undefined,
): RawBuilder<unknown> {
  const { alias = "", join = "" } = lane.parts ?? {};
  const own = lane.keys.length - 1;
  const start =
    after === undefined ? sql`` : sql`and ${tuple(lane, own)} >= ${tuple(lane, own, after)}`;
  return sql`(select ${sql.ref(alias)}.* from ${sql.raw(lane.from)} where ${where} ${start}
    order by ${orderOf(lane, own)} limit ${ROWS_TAKEN_APART}) ${sql.ref(alias)} ${sql.raw(join)}
    ${beyond(lane, after, sql`where`)}`;
}

/** The next rows of a table. A cursor is the number of its lane and the keys of the last row. */
export async function readSqlTable(
  db: CoreDb,
  table: SqlTable,
  query: PageQuery,
): Promise<ExportPage> {
  const [number = 0, ...keys] = query.after ?? [];
  const lane = table.lanes[Number(number)];
  if (lane === undefined) return { rows: [], next: undefined };
  const found = await readLane(db, table, lane, query, keys.length === 0 ? undefined : keys);
  const place = keyName(lane.keys.length - 1);
  const rows = found
    .filter((row) => lane.parts === undefined || row[place] !== "0")
    .map((row) => table.columns.map(({ name }) => row[name] ?? null));
  // Rows that were taken apart may come to less than a page although more follow.
  const isLast = lane.parts === undefined ? found.length < query.limit : found.length === 0;
  const last = isLast ? undefined : found.at(-1);
  if (last === undefined) {
    const next = Number(number) + 1;
    return { rows, next: next < table.lanes.length ? [next] : undefined };
  }
  return { rows, next: [number, ...lane.keys.map((_, at) => String(last[keyName(at)]))] };
}
