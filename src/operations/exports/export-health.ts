import type { CoreDb } from "../../db/database.ts";
import { listExportTroubles } from "../../store/exports/troubles.ts";

/** An export may lack the last hour of changes before anybody is told. */
const PATIENCE_HOURS = 1;

/** Destinations that do not get what they should, in words for an operator; empty when all do. */
export async function exportHealth(db: CoreDb): Promise<string[]> {
  const troubles = await listExportTroubles(db, PATIENCE_HOURS);
  return troubles.map(({ destination, environment, runId, remedy, message, completeUntil }) =>
    completeUntil === null
      ? `export ${runId} of ${environment} to "${destination}" has failed: ${message}. ${remedy}`
      : `export ${runId} of ${environment} to "${destination}" has only what was committed before ${completeUntil}: a transaction on the database server was open since then`,
  );
}
