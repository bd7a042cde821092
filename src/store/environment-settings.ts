import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** The encrypted secret of outgoing webhooks, or null before one was set. */
export async function findSealedWebhookSecret(
  db: CoreDb,
  environmentId: string,
): Promise<string | null> {
  const row = await db
    .selectFrom("environments")
    .select("webhook_secret")
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return row.webhook_secret;
}

/** As findSealedWebhookSecret, with the environment held until the transaction ends. */
export async function lockSealedWebhookSecret(
  tx: CoreTransaction,
  environmentId: string,
): Promise<string | null> {
  const row = await tx
    .selectFrom("environments")
    .select("webhook_secret")
    .where("id", "=", environmentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return row.webhook_secret;
}

export async function updateWebhookSecret(
  db: CoreDb,
  environmentId: string,
  sealed: string,
): Promise<void> {
  await db
    .updateTable("environments")
    .set({ webhook_secret: sealed })
    .where("id", "=", environmentId)
    .execute();
}

/** Hours between the end of a period and the finalization of its invoice. */
export async function getGracePeriodHours(db: CoreDb, environmentId: string): Promise<number> {
  const row = await db
    .selectFrom("environments")
    .select("grace_period_hours")
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return row.grace_period_hours;
}

/** Changes the grace of periods that have not ended yet. */
export async function updateGracePeriodHours(
  db: CoreDb,
  environmentId: string,
  hours: number,
): Promise<void> {
  await db
    .updateTable("environments")
    .set({ grace_period_hours: hours })
    .where("id", "=", environmentId)
    .execute();
}
