import { type Instant, instant, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { OperationContext } from "./context.ts";
import { type ChangeScope, type ContractChange, editContract } from "./edit-contract.ts";

export interface AmendContract {
  readonly customerId: string;
  readonly contractId: string;
  /** From when on the amendment counts; what it adds has dates of its own. */
  readonly startingAt: Instant;
  readonly additions: readonly ContractChange[];
}

/** Amends a contract: an edit that only adds, under a date. Returns the amendment's id. */
export async function amendContract(
  ctx: OperationContext,
  { customerId, contractId, startingAt, additions }: AmendContract,
): Promise<string> {
  if (additions.length === 0) throw invalid("The amendment adds nothing");
  const inTerm: ContractChange = {
    apply: (scope) => checkInTerm(scope, startingAt),
    record: () => ({}),
  };
  const { id } = await editContract(ctx, {
    customerId,
    contractId,
    uniquenessKey: null,
    amendedFrom: startingAt,
    changes: [inTerm, ...additions],
  });
  return id;
}

async function checkInTerm({ contract }: ChangeScope, startingAt: Instant): Promise<void> {
  const { starting_at: start, ending_before: end } = contract;
  if (isBefore(startingAt, instant(start))) {
    throw invalid(`starting_at must not be before the contract's start, ${start}`, "starting_at");
  }
  if (end !== null && !isBefore(startingAt, instant(end))) {
    throw invalid(`starting_at must be before the contract's end, ${end}`, "starting_at");
  }
}
