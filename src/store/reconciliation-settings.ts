import type { CoreDb } from "../db/database.ts";
import type { FindingClass } from "../domain/reconciliation/finding-class.ts";

export interface ReconciliationSettings {
  readonly schedule: "off" | "daily";
  /** Findings of these classes are repaired without anybody's approval. */
  readonly automaticClasses: readonly FindingClass[];
}

/** How an environment is compared with its providers by itself; never set: not at all. */
export async function getReconciliationSettings(
  db: CoreDb,
  environmentId: string,
): Promise<ReconciliationSettings> {
  const row = await db
    .selectFrom("reconciliation_settings")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .executeTakeFirst();
  return { schedule: row?.schedule ?? "off", automaticClasses: row?.automatic_classes ?? [] };
}

/** Changes the given settings and keeps the others. */
export async function updateReconciliationSettings(
  db: CoreDb,
  environmentId: string,
  { schedule, automaticClasses }: Partial<ReconciliationSettings>,
): Promise<void> {
  const changes = {
    ...(schedule === undefined ? {} : { schedule }),
    ...(automaticClasses === undefined
      ? {}
      : { automatic_classes: JSON.stringify(automaticClasses) }),
  };
  await db
    .insertInto("reconciliation_settings")
    .values({ environment_id: environmentId, ...changes })
    .onConflict((conflict) =>
      Object.keys(changes).length === 0
        ? conflict.doNothing()
        : conflict.column("environment_id").doUpdateSet(changes),
    )
    .execute();
}
