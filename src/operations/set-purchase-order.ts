import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  type ContractDetails,
  listContractDetails,
  NO_CONTRACT_DETAILS,
  writeContractDetails,
} from "../store/contract-details.ts";
import { lockLiveContract } from "../store/contract-list.ts";
import type { ContractRow } from "../store/contracts.ts";
import type { OperationContext } from "./context.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";

/** A contract as the integrations surface sees it. */
export interface DetailedContract {
  readonly contract: ContractRow;
  readonly details: ContractDetails;
}

/** Adds to contracts what this surface keeps of them. */
export async function detailContracts(
  ctx: OperationContext,
  contracts: readonly ContractRow[],
): Promise<DetailedContract[]> {
  const details = await listContractDetails(
    ctx.db,
    contracts.map(({ id }) => id),
  );
  return contracts.map((contract) => ({
    contract,
    details: details.get(contract.id) ?? NO_CONTRACT_DETAILS,
  }));
}

/**
 * Gives a contract the purchase order number that its bills show; null takes it away. `check` sees the
 * contract as it is and may refuse. Throws conflict when `version` is not its present one, not_found.
 */
export async function setPurchaseOrder(
  ctx: OperationContext,
  id: string,
  purchaseOrderNumber: string | null,
  {
    version,
    check,
  }: { readonly version: number; readonly check: (contract: DetailedContract) => void },
): Promise<DetailedContract> {
  return inTransaction(ctx.db, async (tx) => {
    const contract = await lockLiveContract(tx, ctx.environment.id, id);
    const found = await listContractDetails(tx, [id]);
    const before = found.get(id) ?? NO_CONTRACT_DETAILS;
    refuseOtherVersion("contract", before.version, version);
    check({ contract, details: before });
    const details = {
      purchaseOrderNumber,
      version: version + 1,
      updatedAt: instantText(ctx.now),
      updatedBy: ctx.actor,
    };
    await writeContractDetails(tx, id, details);
    return { contract, details };
  });
}
