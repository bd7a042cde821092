import { inTransaction } from "../platform/database/database.ts";
import { findInvoicingParties } from "../store/invoice-contracts.ts";
import {
  type ContractPolicies,
  getContractPolicies,
  type PolicyChanges,
  updateContractPolicies,
} from "../store/invoicing-policies.ts";
import type { OperationContext } from "./context.ts";
import { resumeFinalization } from "./resume-finalization.ts";

/**
 * Changes what a contract chose for its own invoices; null gives the choice back to the environment.
 * What is final stays; drafts follow at once. Throws not found.
 */
export const changeContractPolicies = (
  ctx: OperationContext,
  contractId: string,
  changes: PolicyChanges<null>,
): Promise<ContractPolicies> =>
  inTransaction(ctx.db, async (tx) => {
    const environmentId = ctx.environment.id;
    await updateContractPolicies(tx, environmentId, contractId, changes);
    const parties = await findInvoicingParties(tx, environmentId, contractId);
    // Drafts that waited for approval may wait no longer; those that still do are left as they are.
    if (changes.finalization !== undefined && parties !== undefined) {
      await resumeFinalization(tx, ctx, parties.customerId);
    }
    return getContractPolicies(tx, environmentId, contractId);
  });
