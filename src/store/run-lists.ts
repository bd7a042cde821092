import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { type RunCondition, type RunWord, runsOfWord } from "../domain/integrations/run-word.ts";
import { fromRunRow, type IntegrationRun, type RunStatus } from "./integration-run.ts";

export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly invoiceId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly configurationId?: string | undefined;
  readonly provider?: string | undefined;
  /** As the integrations API calls it. */
  readonly word?: RunWord | undefined;
  /** Created at or after, and before. */
  readonly from?: string | undefined;
  readonly before?: string | undefined;
  readonly newestFirst?: boolean | undefined;
  /** Position after which to go on, in the order of the list. */
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Runs of an environment, oldest first; reads one row more than asked, to tell whether more follow. */
export async function listRuns(
  db: CoreDb,
  environmentId: string,
  filter: RunFilter,
): Promise<IntegrationRun[]> {
  const { after, newestFirst = false } = filter;
  const equal = Object.entries({
    invoice_id: filter.invoiceId,
    connection_id: filter.connectionId,
    configuration_id: filter.configurationId,
    provider: filter.provider,
  }).filter(([, value]) => value !== undefined);
  let query = db
    .selectFrom("integration_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where((eb) => eb.and(Object.fromEntries(equal)))
    .orderBy("position", newestFirst ? "desc" : "asc")
    .limit(filter.limit + 1);
  // In the text: a plan for any status would be one for the many that are sent.
  if (filter.status !== undefined) query = query.where("status", "=", sql.lit(filter.status));
  if (after !== undefined) {
    query = query.where("position", newestFirst ? "<" : ">", after as never);
  }
  if (filter.from !== undefined) query = query.where("created_at", ">=", filter.from);
  if (filter.before !== undefined) query = query.where("created_at", "<", filter.before);
  if (filter.word !== undefined) query = query.where(hasWord(runsOfWord(filter.word)));
  return (await query.execute()).map(fromRunRow);
}

const hasWord = ({ statuses, waitsFor, codes, otherCodesThan }: RunCondition) => {
  const code = sql`coalesce(error_code, '')`;
  return sql<boolean>`status in (${sql.join(statuses.map((status) => sql.lit(status)))})
    and (${waitsFor === undefined} or waits_for is not distinct from ${waitsFor ?? null}::text)
    and (${codes === undefined} or ${code} = any(${codes ?? []}::text[]))
    and ${code} <> all(${otherCodesThan ?? []}::text[])`;
};

/** The newest run of each of these invoices that has one. */
export async function listLatestRuns(
  db: CoreDb,
  environmentId: string,
  invoiceIds: readonly string[],
): Promise<IntegrationRun[]> {
  const rows = await db
    .selectFrom("integration_runs")
    .distinctOn("invoice_id")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .orderBy("invoice_id")
    .orderBy("position", "desc")
    .execute();
  return rows.map(fromRunRow);
}
