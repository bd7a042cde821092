import { notFound } from "../errors.ts";
import { archiveHeldCommit } from "./archive-commit.ts";
import { type HeldCommit, holdCommit } from "./change-commit.ts";
import { type EditCommit, editHeldCommit } from "./edit-commit.ts";
import type { ChangeScope } from "./edit-contract.ts";
import { namingPart } from "./naming-part.ts";

type Kind = "commit" | "credit";

/**
 * Changes commits or credits of the contract by the rules of editCommit. Those of the customer, or of
 * another contract, are not found here. `field` names them in messages.
 */
export async function editContractCommits(
  scope: ChangeScope,
  edits: readonly Omit<EditCommit, "customerId" | "what">[],
  what: Kind,
  field: string,
): Promise<void> {
  const { tx, ctx, contract } = scope;
  for (const [n, edit] of edits.entries()) {
    await namingPart(`${field}[${n}]`, async () => {
      const held = await hold(scope, edit.id, what);
      const customerId = contract.customer_id;
      await editHeldCommit(tx, ctx, { ...edit, customerId, what }, held);
    });
  }
}

/** Archives commits or credits of the contract by the rules of archiveCommit. */
export async function archiveContractCommits(
  scope: ChangeScope,
  commits: readonly { readonly id: string }[],
  what: Kind,
  field: string,
): Promise<void> {
  const { tx, ctx, contract } = scope;
  for (const [n, { id }] of commits.entries()) {
    await namingPart(`${field}[${n}]`, async () => {
      const held = await hold(scope, id, what);
      await archiveHeldCommit(tx, ctx, { customerId: contract.customer_id, id, what }, held);
    });
  }
}

async function hold({ tx, contract }: ChangeScope, id: string, what: Kind): Promise<HeldCommit> {
  const held = await holdCommit(tx, { customerId: contract.customer_id, id, what });
  if (held.row.contract_id !== contract.id) throw notFound(what, id);
  return held;
}
