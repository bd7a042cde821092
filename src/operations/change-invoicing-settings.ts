import type { ConventionColumns } from "../db/tables/environments.ts";
import { inTransaction } from "../platform/database/database.ts";
import { updateConventions } from "../store/conventions.ts";
import { updateGracePeriodHours } from "../store/environment-settings.ts";
import type { OperationContext } from "./context.ts";

/** What of the settings is to change; what is absent stays. */
export interface InvoicingSettingChanges {
  /** Hours between period end and finalization, for periods that have not ended yet. */
  readonly gracePeriodHours: number | undefined;
  /** By the names of the settings; for drafts and every invoice to come. */
  readonly conventions: Partial<ConventionColumns>;
}

/**
 * Changes the environment's invoicing settings, all or none. Drafts are rated when they are read, so
 * they follow at once; a finalized invoice keeps what it was made with.
 */
export async function changeInvoicingSettings(
  ctx: OperationContext,
  changes: InvoicingSettingChanges,
): Promise<void> {
  const environmentId = ctx.environment.id;
  const { gracePeriodHours, conventions } = changes;
  await inTransaction(ctx.db, async (tx) => {
    if (gracePeriodHours !== undefined) {
      await updateGracePeriodHours(tx, environmentId, gracePeriodHours);
    }
    await updateConventions(tx, environmentId, conventions);
  });
  const environment = ctx.environment.name;
  ctx.services.logger.info(
    { environment, actor: ctx.actor, ...changes },
    "the invoicing settings were changed",
  );
}
