import type { Static } from "typebox";
import { instant } from "../domain/time.ts";
import type { OperationContext } from "../operations/context.ts";
import { createContract } from "../operations/create-contract.ts";
import { provisionPackage } from "../operations/provision-package.ts";
import { type CreateContractBody, fromCreateContract } from "./schemas/create-contract.ts";
import type { PackageTerms } from "./schemas/create-package.ts";
import { fromPackage, refuseOwnTerms } from "./schemas/package-contract.ts";

/** Creates the contract that a body asks for, from terms of its own or from a package; returns its id. */
export async function createFromBody(
  ctx: OperationContext,
  body: Static<typeof CreateContractBody>,
): Promise<string> {
  if (body.package_id == null && body.package_alias == null) {
    return createContract(ctx, fromCreateContract(body));
  }
  refuseOwnTerms(body);
  const choice = {
    packageId: body.package_id ?? undefined,
    alias: body.package_alias ?? undefined,
    startingAt: instant(body.starting_at),
  };
  return provisionPackage(ctx, choice, (terms) =>
    fromPackage(JSON.parse(terms) as PackageTerms, body),
  );
}
