import { type CompiledQuery, sql } from "kysely";
import type { CoreDb } from "../../src/db/database.ts";

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const rowsOf = (node: PlanNode): number =>
  node["Actual Loops"] *
  (node["Actual Rows"] +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0));

/** A parameter as the text of a literal. */
const toText = (value: unknown): string =>
  Array.isArray(value)
    ? `{${value.map((item) => (item === null ? "null" : `"${item}"`)).join(",")}}`
    : String(value);

/**
 * How many rows of a table the first statement of a reading goes through: with a plan for its values, and
 * with one for any values, as the database may keep for a statement that comes often.
 */
export async function rowsRead(
  db: CoreDb,
  table: string,
  read: (db: CoreDb) => Promise<unknown>,
): Promise<{ readonly ownPlan: number; readonly anyPlan: number }> {
  const sent: CompiledQuery[] = [];
  const watched = db.withPlugin({
    transformQuery({ node, queryId }) {
      sent.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await read(watched);
  const [query] = sent;
  if (query === undefined) throw new Error("nothing was asked");
  return {
    ownPlan: await countRows(db, table, query, "force_custom_plan"),
    anyPlan: await countRows(db, table, query, "force_generic_plan"),
  };
}

async function countRows(
  db: CoreDb,
  table: string,
  query: CompiledQuery,
  mode: string,
): Promise<number> {
  const values = query.parameters.map((value) => sql.lit(value === null ? null : toText(value)));
  const { rows } = await db.connection().execute(async (connection) => {
    await sql`set plan_cache_mode = ${sql.raw(mode)}`.execute(connection);
    await sql.raw(`prepare reading as ${query.sql}`).execute(connection);
    const explained = await sql<{ "QUERY PLAN": [{ Plan: PlanNode }] }>`
      explain (analyze, timing off, format json) execute reading (${sql.join(values)})`.execute(
      connection,
    );
    await sql`deallocate reading`.execute(connection);
    await sql`reset plan_cache_mode`.execute(connection);
    return explained;
  });
  const [plan] = rows;
  if (plan === undefined) throw new Error("no plan");
  return nodesOf(plan["QUERY PLAN"][0].Plan)
    .filter((node) => node["Relation Name"] === table)
    .reduce((sum, node) => sum + rowsOf(node), 0);
}
