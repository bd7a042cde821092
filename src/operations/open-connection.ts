import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { Credential, ProviderConnection } from "../providers/provider-connection.ts";
import type { Connection } from "../store/connection.ts";
import type { Services } from "./context.ts";
import { renewCredential } from "./renew-credential.ts";

interface OpeningDeps {
  readonly db: CoreDb;
  readonly services: Pick<Services, "vault" | "providers">;
}

/**
 * Decrypts a connection for calls to its provider. The result must not be logged or kept. Where a consent
 * lets us in, `credential` is the newest that it was renewed to; it is renewed outside of transactions only.
 */
export function openConnection(
  { db, services }: OpeningDeps,
  connection: Connection,
  environment: ClockName,
): ProviderConnection {
  const { vault, providers } = services;
  const plain = {
    id: connection.id,
    environment,
    builtIn: connection.builtIn,
    settings: connection.settings,
  };
  let credential = JSON.parse(vault.decrypt(connection.sealed)) as Credential;
  const oauth = providers[connection.provider]?.oauth;
  if (oauth === undefined) return { ...plain, credential };
  const open = (given: Credential): ProviderConnection => ({ ...plain, credential: given });
  return {
    ...plain,
    get credential() {
      return credential;
    },
    async renew(used) {
      credential = await renewCredential({ db, vault, oauth, connection, open }, used);
      return credential;
    },
  };
}

/** Encrypts a credential for storage. */
export const sealCredential = (
  vault: Vault,
  credential: Readonly<Record<string, unknown>>,
): string => vault.encrypt(JSON.stringify(credential));
