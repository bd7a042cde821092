import { type ContractEdit, listContractEdits } from "../store/contract-edits.ts";
import { getContract } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";

/** The edits of a contract, archived or not, oldest first. Throws not found. */
export async function readContractEdits(
  ctx: OperationContext,
  key: { readonly customerId: string; readonly contractId: string },
): Promise<ContractEdit[]> {
  const environmentId = ctx.environment.id;
  await getCustomer(ctx.db, environmentId, key.customerId);
  await getContract(ctx.db, { environmentId, ...key });
  return [...((await listContractEdits(ctx.db, [key.contractId])).get(key.contractId) ?? [])];
}
