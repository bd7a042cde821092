import type { CoreTransaction } from "../db/database.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { effectiveSettings, readSettings, type Settings } from "../providers/setting-fields.ts";
import type { Connection } from "../store/connection.ts";
import { updateConnection } from "../store/connection-changes.ts";
import { findDefaultConnection, lockConnections } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";

/** Every setting of the environment's default account at a provider, with the value that holds. */
export async function readProviderSettings(
  ctx: OperationContext,
  provider: AnyProvider,
): Promise<Settings> {
  const connection = await findDefaultConnection(ctx.db, ctx.environment.id, provider.name);
  return effectiveSettings(provider.settings, {
    environment: ctx.environment.name,
    builtIn: connection?.builtIn ?? false,
    settings: connection?.settings ?? {},
  });
}

/**
 * The environment's default account at a provider, held until the transaction ends. Throws conflict
 * when none is connected.
 */
export async function lockDefaultConnection(
  tx: CoreTransaction,
  { environment }: OperationContext,
  provider: string,
): Promise<Connection> {
  const connections = await lockConnections(tx, environment.id);
  const found = connections.find((each) => each.provider === provider && each.isDefault);
  if (found !== undefined) return found;
  throw conflict(
    `No ${provider} account is connected in ${environment.name}: connect one first`,
    "not_connected",
  );
}

/**
 * Changes settings of the environment's default account at a provider and keeps the others; null
 * sets one back. Invoices that are not delivered yet follow. Throws AppError: invalid, or a conflict
 * when no account is connected.
 */
export async function changeProviderSettings(
  ctx: OperationContext,
  provider: AnyProvider,
  changes: Settings,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const connection = await lockDefaultConnection(tx, ctx, provider.name);
    const settings = readSettings(provider.settings, changes, connection.settings);
    await updateConnection(tx, connection.id, { settings });
  });
}
