import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { Rule } from "../domain/integrations/decide-rules.ts";
import type { IntegrationOptions } from "../domain/integrations/integration-options.ts";

/** What deliveries need of an integration configuration, deleted or not. */
export interface IntegrationRule extends Rule {
  readonly provider: string;
  /** The wire's word for the provider in one of its modes. */
  readonly destination: string;
  readonly archivedAt: string | null;
  readonly errorCount: number;
}

const selectRules = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("integration_configurations")
    .where("environment_id", "=", environmentId)
    .select([
      "id",
      "name",
      "provider",
      "destination",
      "connection_id",
      "exclusive_group",
      "enabled",
      "options",
      "archived_at",
      "error_count",
    ]);

const fromRow = (
  row: Awaited<ReturnType<ReturnType<typeof selectRules>["execute"]>>[number],
): IntegrationRule => ({
  id: row.id,
  name: row.name,
  provider: row.provider,
  destination: row.destination,
  connectionId: row.connection_id,
  exclusiveGroup: row.exclusive_group,
  enabled: row.enabled,
  options: row.options as unknown as IntegrationOptions,
  archivedAt: row.archived_at,
  errorCount: row.error_count,
});

/** Every rule for bills that was not deleted, enabled or not, in the order of creation. */
export async function listBillRules(db: CoreDb, environmentId: string): Promise<IntegrationRule[]> {
  const rows = await selectRules(db, environmentId)
    .where("archived_at", "is", null)
    .where("entity_type", "ilike", "bill")
    .orderBy("position")
    .execute();
  return rows.map(fromRow);
}

/** The rule of that id, deleted or not, or undefined. */
export async function findRule(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<IntegrationRule | undefined> {
  const row = await selectRules(db, environmentId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The rules of these ids, deleted or not, by id. */
export async function listRulesById(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, IntegrationRule>> {
  if (ids.length === 0) return new Map();
  const rows = await selectRules(db, environmentId)
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** A success: the errors before it no longer count. */
export async function forgetErrors(tx: CoreTransaction, id: string): Promise<void> {
  await tx
    .updateTable("integration_configurations")
    .set({ error_count: 0 })
    .where("id", "=", id)
    .where("error_count", ">", 0)
    .execute();
}

/** One more error; holds the rule until the transaction ends and answers it as it is now. */
export async function countError(
  tx: CoreTransaction,
  id: string,
): Promise<{ readonly errorCount: number; readonly enabled: boolean }> {
  const row = await tx
    .updateTable("integration_configurations")
    .set((eb) => ({ error_count: eb("error_count", "+", 1) }))
    .where("id", "=", id)
    .returning(["error_count", "enabled"])
    .executeTakeFirstOrThrow();
  return { errorCount: row.error_count, enabled: row.enabled };
}

/** Switches a rule off, with the reason. */
export async function disableRule(
  tx: CoreTransaction,
  id: string,
  { at, by, reason }: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<void> {
  await tx
    .updateTable("integration_configurations")
    .set((eb) => ({
      enabled: false,
      disabled_at: at,
      disabled_reason: reason,
      version: eb("version", "+", 1),
      updated_at: at,
      updated_by: by,
    }))
    .where("id", "=", id)
    .execute();
}
