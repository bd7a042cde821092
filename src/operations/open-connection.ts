import type { ClockName } from "../platform/jobs/job-table.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import type { Connection } from "../store/connection.ts";

/** Decrypts a connection for one call to its provider. The result must not be logged or kept. */
export const openConnection = (
  vault: Vault,
  connection: Connection,
  environment: ClockName,
): ProviderConnection => ({
  id: connection.id,
  environment,
  builtIn: connection.builtIn,
  credential: JSON.parse(vault.decrypt(connection.sealed)) as Record<string, unknown>,
  settings: connection.settings,
});

/** Encrypts a credential for storage. */
export const sealCredential = (
  vault: Vault,
  credential: Readonly<Record<string, unknown>>,
): string => vault.encrypt(JSON.stringify(credential));
