import { AppError } from "../errors.ts";
import type { OperationContext } from "../operations/context.ts";
import { type ImportedContract, importContract } from "../operations/import-contract.ts";
import { fewAtATime } from "../platform/few-at-a-time.ts";
import type { Refusal } from "./cells.ts";
import { inColumns } from "./contract-columns.ts";
import type { FileContract } from "./read-contracts.ts";
import { rowOf } from "./to-contract-import.ts";

/** A contract of the file that is there now, or would be. */
export interface MadeContract {
  readonly file: FileContract;
  readonly contract: ImportedContract;
}

/** What came of the contracts of a file. */
export interface ContractsOutcome {
  /** In the order of the file, with those that an earlier run created. */
  readonly made: readonly MadeContract[];
  readonly refusals: readonly Refusal[];
}

/** Customers that are worked on side by side: more only wait for the database. */
const SIDE_BY_SIDE = 4;

/**
 * Creates the contracts of a file, each whole and by itself, a customer's in the order of the file.
 * Run again, it goes on where it stopped.
 */
export async function importContracts(
  ctx: OperationContext,
  contracts: readonly FileContract[],
  {
    preview,
    onProgress,
  }: { readonly preview: boolean; readonly onProgress: (done: number) => void },
): Promise<ContractsOutcome> {
  const results = new Map<FileContract, ImportedContract | Refusal>();
  const groups = [...Map.groupBy(contracts, ({ request }) => request.customer).values()];
  await fewAtATime(SIDE_BY_SIDE, groups, async (own) => {
    for (const file of own) {
      results.set(file, await importOne(ctx, file, preview));
      onProgress(results.size);
    }
  });
  const made: MadeContract[] = [];
  const refusals: Refusal[] = [];
  for (const file of contracts) {
    const result = results.get(file);
    if (result === undefined) continue;
    if ("reason" in result) refusals.push(result);
    else made.push({ file, contract: result });
  }
  return { made, refusals };
}

async function importOne(
  ctx: OperationContext,
  { key, rows, balances, request }: FileContract,
  preview: boolean,
): Promise<ImportedContract | Refusal> {
  try {
    return await importContract(ctx, request, { preview });
  } catch (error) {
    // Not about the contract: the database is away, the disk is full.
    if (!(error instanceof AppError)) throw error;
    const row = rowOf(error.message, balances);
    return { key, rows: row === undefined ? rows : [row], reason: inColumns(error.message) };
  }
}
