import type { CoreTransaction } from "../db/database.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { invalid } from "../errors.ts";
import { insertScheduledCharge } from "../store/scheduled-charges.ts";
import { addCommit, type CommitTerms } from "./add-commit.ts";
import { isCurrency } from "./check-credit-type.ts";
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

/** The contract that gets the parts. */
export interface PartOwner {
  readonly id: string;
  readonly customerId: string;
  readonly creditTypeId: string;
}

/**
 * Adds the charges, commits and credits of a contract; all are in the contract's currency, commits
 * and credits also in pricing units. Returns the commits that the request has temporary ids for, by these.
 */
export async function addContractParts(
  tx: CoreTransaction,
  ctx: OperationContext,
  input: ContractParts,
  contract: { readonly id: string; readonly creditTypeId: string },
): Promise<Map<string, string>> {
  const owner = { ...contract, customerId: input.customerId };
  const temporaryIds = new Map<string, string>();
  await addScheduledCharges(tx, ctx, input.scheduledCharges, owner, "scheduled_charges");
  await addContractCommits(tx, ctx, input.commits, owner, { field: "commits", temporaryIds });
  await addContractCommits(tx, ctx, input.credits, owner, { field: "credits", temporaryIds });
  return temporaryIds;
}

/** Adds scheduled charges to a contract and returns their ids; `field` names them in messages. */
export async function addScheduledCharges(
  tx: CoreTransaction,
  ctx: OperationContext,
  charges: readonly ScheduledChargeTerms[],
  contract: PartOwner,
  field: string,
): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, charge] of charges.entries()) {
    const path = `${field}[${n}].schedule`;
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
    ids.push(id);
  }
  return ids;
}

/**
 * Adds commits or credits to a contract and returns their ids; those with a temporary id are noted
 * in `temporaryIds`. `field` names them in messages.
 */
export async function addContractCommits(
  tx: CoreTransaction,
  ctx: OperationContext,
  commits: readonly CommitTerms[],
  contract: PartOwner,
  { field, temporaryIds }: { readonly field: string; readonly temporaryIds: Map<string, string> },
): Promise<string[]> {
  const place = {
    customerId: contract.customerId,
    contractId: contract.id,
    applicableContractIds: [],
    invoiceContract: contract,
    uniquenessKey: null,
  };
  const ids: string[] = [];
  for (const [n, terms] of commits.entries()) {
    const path = `${field}[${n}].`;
    checkAccess(terms, contract, `${path}access_schedule.credit_type_id`);
    const id = await addCommit(tx, ctx, terms, place, path);
    ids.push(id);
    if (terms.temporaryId === undefined) continue;
    if (temporaryIds.has(terms.temporaryId)) {
      throw invalid(`${path}temporary_id is used twice`, `${path}temporary_id`);
    }
    temporaryIds.set(terms.temporaryId, id);
  }
  return ids;
}

/** Another currency would never be burned; of a pricing unit the commit itself is asked. */
function checkAccess(
  { creditTypeId = USD_CREDIT_TYPE_ID }: CommitTerms,
  contract: PartOwner,
  field: string,
): void {
  if (!isCurrency(creditTypeId) || creditTypeId === contract.creditTypeId) return;
  throw invalid(`${field} must be the contract's currency or a pricing unit`, field);
}
