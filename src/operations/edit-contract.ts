import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { assert, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertContractEdit, updateContractEdit } from "../store/contract-edits.ts";
import { type ContractRow, getContract } from "../store/contracts.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import type { OperationContext } from "./context.ts";
import { type ContractDetail, loadContractDetails } from "./load-contract-details.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { openContract } from "./open-invoices.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/** What a change of a contract stands on: the customer is held, nothing of it is finalized. */
export interface ChangeScope {
  readonly tx: CoreTransaction;
  /** Its `db` is the transaction. */
  readonly ctx: OperationContext;
  /** As the changes before this one left it. */
  readonly contract: ContractRow;
  /** What the edit has added so far, by the ids that the request calls it by. */
  readonly temporaryIds: Map<string, string>;
}

/** One part of an edit. */
export interface ContractChange<Result = unknown> {
  /** Does it, or throws what is wrong with it. */
  apply(scope: ChangeScope): Promise<Result>;
  /** Refuses what can only be seen when the whole edit is there. */
  check?(scope: ChangeScope, result: Result): Promise<void>;
  /** What the history says of it, on the contract as the whole edit leaves it. */
  record(result: Result, after: ContractDetail): Readonly<Record<string, unknown>>;
}

export interface EditContract {
  readonly customerId: string;
  readonly contractId: string;
  readonly uniquenessKey: string | null;
  /** Of an amendment: from when on it counts. */
  readonly amendedFrom?: Instant;
  /** In the order in which they happen. */
  readonly changes: readonly ContractChange[];
}

/** An edit that was made. */
export interface MadeEdit {
  readonly id: string;
  readonly timestamp: string;
  readonly uniquenessKey: string | null;
  readonly changes: Readonly<Record<string, unknown>>;
}

/**
 * Changes a contract, all or nothing, writes its history, and lets its drafts follow; finalized
 * invoices stay. Takes turns with finalization: a change is refused or billed, never overlooked. A
 * uniqueness key that was used is a conflict, before anything else is looked at.
 */
export async function editContract(ctx: OperationContext, edit: EditContract): Promise<MadeEdit> {
  if (edit.changes.length === 0) throw invalid("The edit changes nothing");
  return inTransaction(
    ctx.db,
    async (tx) => {
      const { customerId } = edit;
      await takeInvoicingTurn(tx, customerId);
      await lockActiveCustomer(tx, ctx, customerId);
      return watchLifecycle(tx, ctx, customerId, () => makeEdit(tx, ctx, edit));
    },
    { oneSnapshot: true },
  );
}

async function makeEdit(
  tx: CoreTransaction,
  ctx: OperationContext,
  edit: EditContract,
): Promise<MadeEdit> {
  const { customerId, contractId, uniquenessKey } = edit;
  const key = { environmentId: ctx.environment.id, customerId, contractId };
  const row = await getContract(tx, key);
  const timestamp = instantText(ctx.now);
  const id = await insertContractEdit(tx, {
    environmentId: key.environmentId,
    contractId,
    uniquenessKey,
    amendedFrom: edit.amendedFrom === undefined ? null : instantText(edit.amendedFrom),
    editedAt: timestamp,
    editedBy: ctx.actor,
  });
  if (row.archived_at !== null) throw invalid("The contract is archived", "contract_id");
  const changes = await applyChanges(tx, { ...ctx, db: tx }, edit);
  await updateContractEdit(tx, id, changes);
  return { id, timestamp, uniquenessKey, changes };
}

async function applyChanges(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contractId, changes }: EditContract,
): Promise<Record<string, unknown>> {
  const key = { environmentId: ctx.environment.id, customerId, contractId };
  const temporaryIds = new Map<string, string>();
  const applied: { change: ContractChange; result: unknown }[] = [];
  const scope = async (): Promise<ChangeScope> => {
    const contract = await getContract(tx, key);
    return { tx, ctx, contract, temporaryIds };
  };
  for (const change of changes) {
    applied.push({ change, result: await change.apply(await scope()) });
  }
  for (const { change, result } of applied) await change.check?.(await scope(), result);
  await openContract(tx, ctx, contractId);
  const row = await getContract(tx, key);
  const [after] = await loadContractDetails(ctx, customerId, [row], {
    balance: false,
    ledgers: false,
  });
  assert(after !== undefined, `contract ${contractId} has its details`);
  return Object.assign({}, ...applied.map(({ change, result }) => change.record(result, after)));
}
