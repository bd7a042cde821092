import type { CoreTransaction } from "../db/database.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { invalid } from "../errors.ts";
import { insertScheduledCharge } from "../store/scheduled-charges.ts";
import { addCommit, type CommitTerms } from "./add-commit.ts";
import type { OperationContext } from "./context.ts";
import { planSchedule, type ScheduleTerms } from "./plan-schedule.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface ScheduledChargeTerms {
  readonly productId: string;
  readonly name: string | null;
  readonly schedule: ScheduleTerms;
  readonly customFields: CustomFields | undefined;
}

/** What a contract consists of beside its own terms. */
export interface ContractParts {
  readonly customerId: string;
  readonly scheduledCharges: readonly ScheduledChargeTerms[];
  readonly commits: readonly CommitTerms[];
  readonly credits: readonly CommitTerms[];
}

/**
 * Adds the charges, commits and credits of a contract; all are in the contract's currency. Returns
 * the commits that the request has temporary ids for, by these.
 */
export async function addContractParts(
  tx: CoreTransaction,
  ctx: OperationContext,
  input: ContractParts,
  contract: { readonly id: string; readonly creditTypeId: string },
): Promise<ReadonlyMap<string, string>> {
  for (const [n, charge] of input.scheduledCharges.entries()) {
    const path = `scheduled_charges[${n}].schedule`;
    if ((charge.schedule.creditTypeId ?? USD_CREDIT_TYPE_ID) !== contract.creditTypeId) {
      throw invalid(`${path}.credit_type_id must be the contract's currency`, path);
    }
    const id = await insertScheduledCharge(tx, {
      contractId: contract.id,
      productId: charge.productId,
      name: charge.name,
      creditTypeId: contract.creditTypeId,
      items: planSchedule(charge.schedule, contract.creditTypeId, path),
    });
    await setCustomFields(tx, ctx, "scheduled_charge", id, charge.customFields);
  }
  const place = {
    customerId: input.customerId,
    contractId: contract.id,
    applicableContractIds: [],
    invoiceContract: contract,
    uniquenessKey: null,
  };
  const parts = [
    ...input.commits.map((terms, n) => ({ terms, path: `commits[${n}].` })),
    ...input.credits.map((terms, n) => ({ terms, path: `credits[${n}].` })),
  ];
  const temporaryIds = new Map<string, string>();
  for (const { terms, path } of parts) {
    if ((terms.creditTypeId ?? USD_CREDIT_TYPE_ID) !== contract.creditTypeId) {
      throw invalid(`${path}access_schedule.credit_type_id must be the contract's currency`, path);
    }
    const id = await addCommit(tx, ctx, terms, place, path);
    if (terms.temporaryId === undefined) continue;
    if (temporaryIds.has(terms.temporaryId)) {
      throw invalid(`${path}temporary_id is used twice`, `${path}temporary_id`);
    }
    temporaryIds.set(terms.temporaryId, id);
  }
  return temporaryIds;
}
