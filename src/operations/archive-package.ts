import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { archivePackage as archive } from "../store/packages.ts";
import type { OperationContext } from "./context.ts";

/** Archives a package: no contract is made of it any more, and those that were stay as they are. */
export async function archivePackage(ctx: OperationContext, packageId: string): Promise<void> {
  await inTransaction(ctx.db, (tx) =>
    archive(tx, ctx.environment.id, packageId, instantText(ctx.now)),
  );
}
