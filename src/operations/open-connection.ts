import type { CoreTransaction } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { Credential, ProviderConnection } from "../providers/provider-connection.ts";
import type { Connection } from "../store/connection.ts";
import type { OperationContext, Services } from "./context.ts";
import { renewCredential } from "./renew-credential.ts";
import { reportConsentOver } from "./report-issue.ts";

/** Decrypts a connection with its credential as it was stored, which is not renewed. The result must not be logged or kept. */
export const openStored = (
  { vault }: Pick<Services, "vault">,
  { id, builtIn, settings, sealed }: Connection,
  environment: ClockName,
): ProviderConnection => ({
  id,
  environment,
  builtIn,
  settings,
  credential: JSON.parse(vault.decrypt(sealed)) as Credential,
});

/**
 * Decrypts a connection for calls to its provider. The result must not be logged or kept. Where a consent
 * lets us in, `credential` is the newest that it was renewed to; it is renewed outside of transactions only.
 */
export function openConnection(
  ctx: OperationContext,
  connection: Connection,
  environment: ClockName,
): ProviderConnection {
  const { db, services } = ctx;
  const { vault, providers } = services;
  const stored = openStored(services, connection, environment);
  const oauth = providers[connection.provider]?.oauth;
  if (oauth === undefined) return stored;
  let { credential } = stored;
  const open = (given: Credential): ProviderConnection => ({ ...stored, credential: given });
  return {
    ...stored,
    get credential() {
      return credential;
    },
    async renew(used) {
      const deps = {
        db,
        vault,
        oauth,
        connection,
        open,
        reportOver: (tx: CoreTransaction, reason: string) =>
          reportConsentOver(tx, ctx, connection, reason),
      };
      credential = await renewCredential(deps, used);
      return credential;
    },
  };
}

/** Encrypts a credential for storage. */
export const sealCredential = (
  vault: Vault,
  credential: Readonly<Record<string, unknown>>,
): string => vault.encrypt(JSON.stringify(credential));
