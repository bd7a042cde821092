import type { ContractEdit } from "../../store/contract-edits.ts";
import { present } from "./commit.ts";

/** An edit of a contract as its history shows it. */
export const toContractEditView = ({ id, timestamp, uniquenessKey, changes }: ContractEdit) => ({
  id,
  timestamp,
  ...present({ uniqueness_key: uniquenessKey }),
  ...changes,
});
