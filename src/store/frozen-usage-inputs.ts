import type { CoreDb } from "../db/database.ts";
import type { StoredUsageInput } from "../db/tables/invoices.ts";
import { dec } from "../domain/decimal.ts";
import type { UsageInput } from "../domain/invoices/usage-inputs.ts";
import { instant } from "../domain/time.ts";

/** The usage a finalized invoice was made of; empty for others. */
export async function listFrozenUsageInputs(db: CoreDb, invoiceId: string): Promise<UsageInput[]> {
  const row = await db
    .selectFrom("invoices")
    .select("usage_inputs")
    .where("id", "=", invoiceId)
    .executeTakeFirst();
  return (row?.usage_inputs ?? []).map(fromStoredUsageInput);
}

/** An input as it was measured. */
export const fromStoredUsageInput = (stored: StoredUsageInput): UsageInput => ({
  metricId: stored.metricId,
  groupValues: stored.groupValues,
  startingAt: instant(stored.startingAt),
  endingBefore: instant(stored.endingBefore),
  value: dec(stored.value),
  eventCount: stored.eventCount === null ? null : BigInt(stored.eventCount),
});
