import { type Selectable, sql } from "kysely";
import type { CollectDatabase } from "../db/tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { ListedTable } from "./page.ts";

/** What every kind of object can be asked for: only those of the scope's account and mode are found. */
export interface OwnedObjects<Row> {
  /** Throws 404, naming `param` ("id" when it is not given), when there is no such object. */
  get(scope: Scope, id: string, param?: string): Promise<Row>;
  /** Like `get`, and keeps others from changing it until the transaction ends. */
  lock(scope: Scope, id: string, param?: string): Promise<Row>;
  /** Those that exist, in no particular order. */
  listByIds(scope: Scope, ids: readonly string[]): Promise<Row[]>;
  /** Those that exist, by id. */
  mapByIds(scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, Row>>;
}

/** The objects of a table; `what` is how refusals call one of them: "credit_note". */
export function ownedObjects<Table extends ListedTable>(
  table: Table,
  what: string,
): OwnedObjects<Selectable<CollectDatabase[Table]>> {
  type Row = Selectable<CollectDatabase[Table]> & { readonly id: string };
  const find = async (
    scope: Scope,
    condition: ReturnType<typeof sql>,
    isLocked = false,
  ): Promise<Row[]> => {
    const { rows } = await sql<Row>`select * from ${sql.table(`collect.${table}`)}
      where account_id = ${scope.accountId} and livemode = ${scope.livemode} and ${condition}
      ${isLocked ? sql`for update` : sql``}`.execute(scope.tx);
    return rows;
  };
  const one = async (scope: Scope, id: string, param: string, isLocked: boolean): Promise<Row> => {
    const [row] = await find(scope, sql`id = ${id}`, isLocked);
    if (row === undefined) throw missing(what, id, param);
    return row;
  };
  const listByIds = async (scope: Scope, ids: readonly string[]): Promise<Row[]> =>
    ids.length === 0 ? [] : find(scope, sql`id = any(${[...new Set(ids)]}::text[])`);
  return {
    get: (scope, id, param = "id") => one(scope, id, param, false),
    lock: (scope, id, param = "id") => one(scope, id, param, true),
    listByIds,
    mapByIds: async (scope, ids) =>
      new Map((await listByIds(scope, ids)).map((row) => [row.id, row])),
  };
}
