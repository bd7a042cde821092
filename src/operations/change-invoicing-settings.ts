import type { CoreTransaction } from "../db/database.ts";
import type { ConventionColumns } from "../db/tables/environments.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { updateConventions } from "../store/conventions.ts";
import { updateGracePeriodHours } from "../store/environment-settings.ts";
import { type PolicyChanges, updateInvoicingPolicies } from "../store/invoicing-policies.ts";
import { listContractsPlannedOtherwise } from "../store/outdated-plans.ts";
import { type SellerChanges, updateSeller } from "../store/seller.ts";
import type { OperationContext } from "./context.ts";
import { enqueueTurn } from "./open-invoices.ts";
import { resumeDueFinalizations } from "./resume-finalization.ts";

/** What of the settings is to change; what is absent stays. */
export interface InvoicingSettingChanges {
  /** Hours between period end and finalization, for periods that have not ended yet. */
  readonly gracePeriodHours: number | undefined;
  /** Of contracts that chose nothing else. */
  readonly policies: PolicyChanges;
  /** By the names of the settings; for drafts and every invoice to come. */
  readonly conventions: Partial<ConventionColumns>;
  /** Whom documents name, those of final invoices too; null clears it all. */
  readonly seller?: SellerChanges | null | undefined;
}

/**
 * Changes the environment's invoicing settings, all or none. Drafts are rated when they are read, so
 * they follow at once, and a job lets what recurring commits have planned ahead follow; a finalized
 * invoice keeps what it was made with.
 */
export async function changeInvoicingSettings(
  ctx: OperationContext,
  changes: InvoicingSettingChanges,
): Promise<void> {
  const environmentId = ctx.environment.id;
  const { gracePeriodHours, policies, conventions, seller } = changes;
  await inTransaction(ctx.db, async (tx) => {
    if (gracePeriodHours !== undefined) {
      await updateGracePeriodHours(tx, environmentId, gracePeriodHours);
    }
    await updateInvoicingPolicies(tx, environmentId, policies);
    if (policies.finalization === "automatic") await resumeDueFinalizations(tx, ctx);
    await updateConventions(tx, environmentId, conventions);
    if (seller !== undefined) await updateSeller(tx, environmentId, seller);
    if (conventions.proration_basis !== undefined) await replanChildren(tx, ctx);
  });
  const environment = ctx.environment.name;
  ctx.services.logger.info(
    // A logo is long; which fields of the seller were given is enough.
    { environment, actor: ctx.actor, ...changes, seller: seller && Object.keys(seller) },
    "the invoicing settings were changed",
  );
}

/** Periods of recurring commits that have not begun are planned ahead; those that have begun stay. */
async function replanChildren(tx: CoreTransaction, ctx: OperationContext): Promise<void> {
  const contracts = await listContractsPlannedOtherwise(tx, {
    environmentId: ctx.environment.id,
    now: instantText(ctx.now),
  });
  for (const { customerId, contractId } of contracts) {
    await enqueueTurn(tx, ctx, customerId, contractId, ctx.now);
  }
}
