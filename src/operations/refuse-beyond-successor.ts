import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instant, isAfter } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { findSuccessor } from "../store/contract-transitions.ts";

/** Refuses an end of a contract that would overlap the contract that follows it. */
export async function refuseBeyondSuccessor(
  tx: CoreTransaction,
  contractId: string,
  endingBefore: Instant | null,
  field: string,
): Promise<void> {
  const successor = await findSuccessor(tx, contractId);
  if (successor === undefined) return;
  if (endingBefore !== null && !isAfter(endingBefore, instant(successor.startingAt))) return;
  throw invalid(
    `${field} cannot be after ${successor.startingAt}: contract ${successor.id} follows then`,
    field,
  );
}
