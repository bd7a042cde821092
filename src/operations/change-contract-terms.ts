import { type ContractColumns, updateContract } from "../store/contracts.ts";
import type { ChangeScope } from "./edit-contract.ts";

/** Changes what is the contract's own and decides nothing about its prices. */
export const changeContractTerms = (
  { tx, contract }: ChangeScope,
  columns: Pick<ContractColumns, "name" | "net_payment_terms_days">,
): Promise<void> => updateContract(tx, contract.id, columns);
