import type { CoreDb } from "../db/database.ts";

/** A run whose invoice nobody has written back of in time. */
export interface AwaitedWriteBack {
  readonly runId: string;
  readonly invoiceId: string;
  readonly dueAt: string;
}

/** Runs of an environment that should have been written back before `before`, the longest overdue first. */
export async function listAwaitedWriteBacks(
  db: CoreDb,
  environmentId: string,
  before: string,
): Promise<AwaitedWriteBack[]> {
  const rows = await db
    .selectFrom("integration_runs")
    .select(["id", "invoice_id", "write_back_due_at"])
    .where("environment_id", "=", environmentId)
    .where("write_back_due_at", "<", before)
    .orderBy("write_back_due_at")
    .orderBy("position")
    .execute();
  return rows.map((row) => ({
    runId: row.id,
    invoiceId: row.invoice_id,
    dueAt: String(row.write_back_due_at),
  }));
}
