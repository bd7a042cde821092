import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { findPackageByAlias, holdPackage, type PackageRow } from "../store/packages.ts";
import type { OperationContext } from "./context.ts";
import { type CreateContract, createContract } from "./create-contract.ts";

export interface PackageChoice {
  /** One of the two; an alias is looked up at the contract's start. */
  readonly packageId: string | undefined;
  readonly alias: string | undefined;
  readonly startingAt: Instant;
}

/**
 * Makes a contract from a package, by the same way as from terms of its own; returns its id.
 * `toContract` reads the stored terms for the contract that is wanted.
 */
export async function provisionPackage(
  ctx: OperationContext,
  choice: PackageChoice,
  toContract: (terms: string) => CreateContract,
): Promise<string> {
  return inTransaction(ctx.db, async (tx) => {
    const { id, terms } = await choosePackage(tx, ctx, choice);
    return createContract({ ...ctx, db: tx }, { ...toContract(terms), packageId: id });
  });
}

async function choosePackage(
  tx: CoreTransaction,
  ctx: OperationContext,
  { packageId, alias, startingAt }: PackageChoice,
): Promise<PackageRow> {
  const environmentId = ctx.environment.id;
  if (packageId !== undefined && alias !== undefined) {
    throw invalid("Give either package_id or package_alias", "package_alias");
  }
  const at = instantText(startingAt);
  const id =
    alias === undefined
      ? packageId
      : await findPackageByAlias(tx, { environmentId, name: alias, at });
  if (id === undefined) throw notFound("package", alias ?? "");
  const found = await holdPackage(tx, environmentId, id);
  if (found.archived_at !== null) throw invalid(`Package ${id} is archived`, "package_id");
  return found;
}
