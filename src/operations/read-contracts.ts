import type { CoreDb } from "../db/database.ts";
import { type Instant, instant, isAfter, isBefore } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type ContractRow, getContract, listContracts } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";
import type { CommitDetailChoice } from "./load-commit-details.ts";
import { type ContractDetail, loadContractDetails } from "./load-contract-details.ts";

export interface ContractFilter {
  readonly customerId: string;
  readonly includeArchived: boolean;
  /** In force at this instant. */
  readonly coveringAt: Instant | undefined;
  /** Beginning at this instant or later. */
  readonly startingFrom: Instant | undefined;
}

/** One contract of the customer. Throws not found. */
export async function readContract(
  ctx: OperationContext,
  key: { customerId: string; contractId: string },
  choice: CommitDetailChoice,
): Promise<ContractDetail> {
  const read = async (db: CoreDb) => {
    await getCustomer(db, ctx.environment.id, key.customerId);
    const row = await getContract(db, { environmentId: ctx.environment.id, ...key });
    return loadContractDetails({ ...ctx, db }, key.customerId, [row], choice);
  };
  const [detail] = await inTransaction(ctx.db, read, { oneSnapshot: true });
  if (detail === undefined) throw new Error("A contract that was read has its details");
  return detail;
}

/** The customer's contracts in the order of their creation. Throws not found without a customer. */
export async function readContracts(
  ctx: OperationContext,
  filter: ContractFilter,
  choice: CommitDetailChoice,
): Promise<ContractDetail[]> {
  const { customerId, includeArchived } = filter;
  const read = async (db: CoreDb) => {
    await getCustomer(db, ctx.environment.id, customerId);
    const environmentId = ctx.environment.id;
    const rows = await listContracts(db, { environmentId, customerId, includeArchived });
    const wanted = rows.filter((row) => matches(row, filter));
    return loadContractDetails({ ...ctx, db }, customerId, wanted, choice);
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

function matches(row: ContractRow, { coveringAt, startingFrom }: ContractFilter): boolean {
  const start = instant(row.starting_at);
  if (startingFrom !== undefined && isBefore(start, startingFrom)) return false;
  if (coveringAt === undefined) return true;
  if (isAfter(start, coveringAt)) return false;
  return row.ending_before === null || isBefore(coveringAt, instant(row.ending_before));
}
