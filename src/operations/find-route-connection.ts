import type { CoreDb } from "../db/database.ts";
import type { BillingConfiguration } from "../store/billing-configurations.ts";
import type { Connection } from "../store/connection.ts";
import {
  findBuiltInConnection,
  findConnection,
  findDefaultConnection,
} from "../store/connections.ts";

/**
 * The account that a route leads to at this moment: the one it names, or the environment's default
 * of its provider when it names none. A named account that was disconnected leads back to the
 * sandbox's built-in one, and in PRODUCTION nowhere: its customers are unknown to any other account.
 */
export async function findRouteConnection(
  db: CoreDb,
  environmentId: string,
  { connectionId, billingProvider }: Pick<BillingConfiguration, "connectionId" | "billingProvider">,
): Promise<Connection | undefined> {
  if (connectionId === null) return findDefaultConnection(db, environmentId, billingProvider);
  const named = await findConnection(db, environmentId, connectionId);
  if (named !== undefined && named.archivedAt === null) return named;
  const builtIn = await findBuiltInConnection(db, environmentId);
  return builtIn?.provider === billingProvider ? builtIn : undefined;
}
