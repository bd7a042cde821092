import { randomUUID } from "node:crypto";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { OAuthAccess } from "../providers/oauth.ts";
import type { Credential, ProviderConnection } from "../providers/provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../providers/read-error.ts";
import type { Connection } from "../store/connection.ts";
import {
  claimRenewal,
  lockCredential,
  releaseRenewal,
  requireConsent,
  updateConsent,
} from "../store/connection-renewal.ts";
import { getConnection } from "../store/connections.ts";

const WAIT_MS = 50;
/** Longer than one who died may hold the lease. */
const MAX_WAIT_MS = 90_000;

export interface RenewalDeps {
  readonly db: CoreDb;
  readonly vault: Vault;
  readonly oauth: OAuthAccess;
  readonly connection: Connection;
  /** The connection with this credential. */
  readonly open: (credential: Credential) => ProviderConnection;
  /** Tells that the consent is over, for this reason, in the transaction that makes it so. */
  readonly reportOver: (tx: CoreTransaction, reason: string) => Promise<void>;
}

const openSealed = (vault: Vault, sealed: string): Credential =>
  JSON.parse(vault.decrypt(sealed)) as Credential;

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function readSealed({ db, connection }: RenewalDeps): Promise<string> {
  const current = await getConnection(db, connection.environmentId, connection.id);
  return current.sealed;
}

const CONSENT_ANEW =
  "Connect it anew (POST /v1/connections/{id}/authorize, open the authorize_url), then retry what failed.";

/**
 * The credential that is good again in the place of `used`. Whoever comes first holds a lease, asks the
 * provider, and stores what it gave before anybody uses it; all others wait for that and read it. Who dies
 * between the answer and the store leaves the old token, which providers let live on for some time: the
 * next one asks again. Throws ProviderReadError.
 */
export async function renewCredential(deps: RenewalDeps, used: Credential): Promise<Credential> {
  const { db, vault, oauth, connection } = deps;
  const isOther = (credential: Credential) => oauth.tokenOf(credential) !== oauth.tokenOf(used);
  const token = randomUUID();
  for (let waited = 0; waited < MAX_WAIT_MS; waited += WAIT_MS) {
    const current = openSealed(vault, await readSealed(deps));
    if (isOther(current)) return current;
    if (await claimRenewal(db, connection.id, token)) {
      try {
        // Between the look and the lease somebody may have finished.
        const sealed = await readSealed(deps);
        const latest = openSealed(vault, sealed);
        return isOther(latest) ? latest : await renewUnderLease(deps, sealed, latest);
      } finally {
        await releaseRenewal(db, connection.id, token);
      }
    }
    await wait(WAIT_MS);
  }
  throw new ProviderReadError("The connection's tokens are being renewed by somebody else.", {
    code: "renewal_under_way",
    permanent: false,
  });
}

async function renewUnderLease(
  deps: RenewalDeps,
  sealed: string,
  before: Credential,
): Promise<Credential> {
  const { oauth, open } = deps;
  faultPoint("renew-credential/claimed");
  try {
    const renewed = await oauth.refresh(open(before));
    faultPoint("renew-credential/answered");
    return await store(deps, before, renewed);
  } catch (error) {
    const isOver =
      error instanceof ProviderReadError && error.permanent && error.code === ACCESS_CODES.refused;
    if (!isOver) throw error;
    return giveUp(deps, sealed, error);
  }
}

/** What the answer changed goes into the credential as it is by now; a consent of meanwhile is the newer one. */
function store(
  { db, vault, oauth, connection }: RenewalDeps,
  before: Credential,
  renewed: Credential,
): Promise<Credential> {
  const changes = Object.fromEntries(
    Object.entries(renewed).filter(([name, value]) => value !== before[name]),
  );
  return inTransaction(db, async (tx) => {
    const sealed = await lockCredential(tx, connection.id);
    if (sealed === undefined) return renewed;
    const current = openSealed(vault, sealed);
    if (oauth.tokenOf(current) !== oauth.tokenOf(before)) return current;
    const credential = { ...current, ...changes };
    const ends = oauth.consentEnds(credential);
    await updateConsent(tx, connection.id, {
      sealed: vault.encrypt(JSON.stringify(credential)),
      idleAt: ends?.idleAt,
      hardAt: ends?.hardAt,
    });
    return credential;
  });
}

/** The consent is over, unless the credential is another one by now. */
async function giveUp(
  deps: RenewalDeps,
  sealed: string,
  { message }: ProviderReadError,
): Promise<Credential> {
  const { db, vault, connection, reportOver } = deps;
  const latest = await readSealed(deps);
  if (latest !== sealed) return openSealed(vault, latest);
  const reason = `${message} ${CONSENT_ANEW}`;
  await inTransaction(db, async (tx) => {
    if (await requireConsent(tx, connection.id, sealed, reason)) await reportOver(tx, reason);
  });
  throw new ProviderReadError(reason, { code: ACCESS_CODES.refused, permanent: true });
}

/** Whether tokens were renewed so long ago that they are renewed for that alone. */
export const isIdle = ({ renewedAt }: Connection): boolean =>
  renewedAt === null ||
  Temporal.Instant.compare(
    Temporal.Instant.from(renewedAt).add({ hours: 24 }),
    Temporal.Now.instant(),
  ) <= 0;
