import { randomBytes } from "node:crypto";
import type { CoreDb } from "../db/database.ts";
import { inTransaction } from "../platform/database/database.ts";
import { COLLECT_PROVIDER } from "../providers/index.ts";
import type { Connection } from "../store/connection.ts";
import { insertConnection, updateConnection } from "../store/connection-changes.ts";
import { findBuiltInConnection, findDefaultConnection } from "../store/connections.ts";
import { getEnvironment } from "../store/environments.ts";
import type { Environment, Services } from "./context.ts";
import { openStored, sealCredential } from "./open-connection.ts";

export interface ConnectCollectOptions {
  readonly db: CoreDb;
  readonly services: Services;
  readonly collect: { ensureTestAccount(secretKey: string): Promise<void> };
  /** The key that was configured; undefined = the stored one, else a new one. */
  readonly secretKey: string | undefined;
  /** Where Collect reaches the core. */
  readonly coreUrl: string;
}

const newKey = (): string =>
  `sk_test_${randomBytes(24).toString("base64url").replace(/[-_]/g, "x")}`;

/** The sandbox's connection to Collect with the key it shall use; made at the first start. */
async function ensureConnection(
  db: CoreDb,
  services: Services,
  environment: Environment,
  secretKey: string | undefined,
): Promise<{ connection: Connection; key: string; made: boolean }> {
  return inTransaction(db, async (tx) => {
    const existing = await findBuiltInConnection(tx, environment.id);
    if (existing === undefined) {
      const key = secretKey ?? newKey();
      const rival = await findDefaultConnection(tx, environment.id, COLLECT_PROVIDER);
      const connection = await insertConnection(tx, {
        environmentId: environment.id,
        provider: COLLECT_PROVIDER,
        name: "Collect (built in)",
        sealed: sealCredential(services.vault, { api_key: key }),
        builtIn: true,
        isDefault: rival === undefined,
      });
      return { connection, key, made: secretKey === undefined };
    }
    const { credential } = openStored(services, existing, environment.name);
    const key = secretKey ?? String(credential.api_key);
    if (key === credential.api_key) return { connection: existing, key, made: false };
    const sealed = sealCredential(services.vault, { ...credential, api_key: key });
    await updateConnection(tx, existing.id, { sealed });
    return { connection: { ...existing, sealed }, key, made: false };
  });
}

/**
 * Connects the sandbox to our own Collect: the account with its key, the connection, and Collect's
 * events to the core. Safe at every start. Answers the key when it had to make one up.
 */
export async function connectCollect(options: ConnectCollectOptions): Promise<string | undefined> {
  const { db, services, collect, coreUrl } = options;
  const environment = await getEnvironment(db, "SANDBOX");
  const ensured = await ensureConnection(db, services, environment, options.secretKey);
  await collect.ensureTestAccount(ensured.key);
  const provider = services.providers[COLLECT_PROVIDER];
  const opened = openStored(services, ensured.connection, environment.name);
  const url = `${coreUrl}/${COLLECT_PROVIDER}/${environment.clientId}/${environment.name}`;
  try {
    const credential = await provider?.subscribe(opened, url);
    if (credential !== undefined && credential !== opened.credential) {
      const sealed = sealCredential(services.vault, credential);
      await updateConnection(db, ensured.connection.id, { sealed });
    }
    const webhook = { state: "registered", url } as const;
    await updateConnection(db, ensured.connection.id, { webhook });
  } catch (error) {
    services.logger.warn({ err: error }, "Collect's events could not be subscribed to");
    const reason = error instanceof Error ? error.message : String(error);
    await updateConnection(db, ensured.connection.id, { webhook: { state: "none", reason } });
  }
  return ensured.made ? ensured.key : undefined;
}
