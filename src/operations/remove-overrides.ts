import { instantText } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { removeOverride } from "../store/overrides.ts";
import type { ChangeScope } from "./edit-contract.ts";

/** Takes overrides away from a contract, as if they had never been; finalized invoices keep theirs. */
export async function removeOverrides(
  { tx, ctx, contract }: ChangeScope,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    const key = { contractId: contract.id, id };
    if (!(await removeOverride(tx, key, instantText(ctx.now)))) throw notFound("override", id);
  }
}
