/**
 * The column by which the rows of one statement for many callers are told apart: the number of the
 * caller, from 1.
 */
export const CALLER = "lockstep_caller";

/** What becomes of a statement that many callers send with values of their own. */
export interface SetStatement {
  readonly sql: string;
  /** Rows carry the CALLER; an insert's rows come in the order of the callers, one for each. */
  readonly rowsOf: "caller" | "order";
  /** Whether the callers get rows at all. */
  readonly returns: boolean;
}

const INSERT = /^insert into (\S+) (\([^()]*\)) values \((.*)\)( returning \*)?$/s;
/** A row that may be there already, told by one column, which has a value of the caller's own. */
const INSERT_NEW =
  /^insert into (\S+) (\([^()]*\)) values \((.*)\) on conflict \(("\w+")\) do nothing returning \4$/s;
const UPDATE = /^update (\S+) set (.+?) where (.+?)(?: returning (\*|"\w+"(?:, "\w+")*))?$/s;
const columnOf = (parameter: string): string => `lockstep.p${parameter}`;

/** "$3" -> "(lockstep.p3::text)": each caller's own value, as the type that the statement wants. */
const withColumns = (sql: string, types: readonly string[]): string =>
  sql.replace(/\$(\d+)/g, (_, n: string) => `(${columnOf(n)}::${types[Number(n) - 1]})`);

/** One row for each caller: its values as texts, and its number. */
const callers = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const arrays = numbers.map((n) => `$${n}::text[]`).join(", ");
  const columns = numbers.map((n) => `p${n}`).join(", ");
  return `unnest(${arrays}) with ordinality as lockstep (${columns}, ${CALLER})`;
};

/** Whether the brackets of a values list never close more than they opened: it has one row. */
function isOneRow(values: string): boolean {
  let depth = 0;
  for (const character of values) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/**
 * Rewrites a statement so that it is carried out once for many callers, whose values come as lists of
 * texts, one list for each parameter. Undefined for what cannot be: it is then sent for each. `types`
 * are those of its parameters.
 */
export function toSetStatement(sql: string, types: readonly string[]): SetStatement | undefined {
  const text = sql.trim();
  if (types.length === 0) return undefined;
  const from = callers(types.length);
  if (/^select\b/i.test(text)) {
    return {
      sql: `select lockstep.${CALLER}, found.* from ${from} cross join lateral (${withColumns(text, types)}) as found`,
      rowsOf: "caller",
      returns: true,
    };
  }
  const insert = INSERT.exec(text);
  if (insert !== null && isOneRow(insert[3] ?? "")) {
    const [, table, columns, values = "", returning = ""] = insert;
    return {
      sql: `insert into ${table} ${columns} select ${withColumns(values, types)} from ${from} order by lockstep.${CALLER}${returning}`,
      rowsOf: "order",
      returns: returning !== "",
    };
  }
  const added = insertNew(text, types, from);
  if (added !== undefined) return added;
  const update = UPDATE.exec(text);
  if (update === null) return undefined;
  const [, table, set = "", where = "", returning = ""] = update;
  // An update that takes its values from another table has its own way to name rows.
  if (/\bfrom\b/i.test(set)) return undefined;
  const rows = returning === "*" ? `, ${table}.*` : returning === "" ? "" : `, ${returning}`;
  return {
    sql: `update ${table} set ${withColumns(set, types)} from ${from} where ${withColumns(where, types)} returning lockstep.${CALLER}${rows}`,
    rowsOf: "caller",
    returns: returning !== "",
  };
}

/** Whose row is new is told by its key: no two callers have the same. */
function insertNew(text: string, types: readonly string[], from: string): SetStatement | undefined {
  const [, table, columns = "", values = "", key = ""] = INSERT_NEW.exec(text) ?? [];
  const place = columns.slice(1, -1).split(", ").indexOf(key);
  const own = values.split(", ")[place];
  if (table === undefined || place < 0 || !isOneRow(values)) return undefined;
  // Only where every value is a parameter is the key's place among the values its place in the columns.
  if (!/^\$\d+(?:, \$\d+)*$/.test(values) || own === undefined) return undefined;
  const insert = `insert into ${table} ${columns} select ${withColumns(values, types)} from ${from} order by lockstep.${CALLER} on conflict (${key}) do nothing returning ${key}`;
  return {
    sql: `with added as (${insert}) select lockstep.${CALLER}, added.* from ${from} join added on added.${key} = ${withColumns(own, types)}`,
    rowsOf: "caller",
    returns: true,
  };
}
