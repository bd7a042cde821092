import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { type Instant, instantText } from "../domain/time.ts";

/** Longer than a provider's token service is waited for. */
const LEASE_SECONDS = 60;

/** Makes the caller the one who renews a connection's credential; false: somebody else does at this moment. */
export async function claimRenewal(db: CoreDb, id: string, token: string): Promise<boolean> {
  const { rows } = await sql`update connections
    set renewal_token = ${token}::uuid,
      renewal_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
    where id = ${id} and archived_at is null
      and (renewal_until is null or renewal_until < clock_timestamp())
    returning id`.execute(db);
  return rows.length > 0;
}

/** Lets others renew; does nothing when the lease ended and is another's. */
export async function releaseRenewal(db: CoreDb, id: string, token: string): Promise<void> {
  await sql`update connections set renewal_token = null, renewal_until = null
    where id = ${id} and renewal_token = ${token}::uuid`.execute(db);
}

/** The credential as it is now, encrypted; nobody changes it until the transaction ends. */
export async function lockCredential(tx: CoreTransaction, id: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("connections")
    .select("credential")
    .where("id", "=", id)
    .where("archived_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  return row?.credential;
}

export interface KeptConsent {
  readonly sealed: string;
  readonly idleAt: Instant | undefined;
  readonly hardAt: Instant | undefined;
}

const textOf = (at: Instant | undefined): string | null =>
  at === undefined ? null : instantText(at);

/** What a consent or its renewal gave; both are of this moment. */
export async function updateConsent(
  db: CoreDb,
  id: string,
  { sealed, idleAt, hardAt }: KeptConsent,
): Promise<void> {
  await db
    .updateTable("connections")
    .set({
      credential: sealed,
      consent_idle_at: textOf(idleAt),
      consent_hard_at: textOf(hardAt),
      renewed_at: sql`clock_timestamp()`,
    })
    .where("id", "=", id)
    .execute();
}

/**
 * A person has to consent anew, for this reason; only as long as the credential is that which was refused.
 * Answers whether that is news.
 */
export async function requireConsent(
  db: CoreDb,
  id: string,
  sealed: string,
  reason: string,
): Promise<boolean> {
  const row = await db
    .updateTable("connections")
    .set({ status: "reauth_required", status_reason: reason })
    .where("id", "=", id)
    .where("credential", "=", sealed)
    .where("status", "<>", "reauth_required")
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** What receivers of webhooks were warned of last, as it is stored; nobody changes it until the transaction ends. */
export async function lockConsentWarning(tx: CoreTransaction, id: string): Promise<string | null> {
  const row = await tx
    .selectFrom("connections")
    .select("consent_warned_of")
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  return row?.consent_warned_of ?? null;
}

/** Notes what is warned of ahead of the end of a consent. */
export async function noteConsentWarning(
  tx: CoreTransaction,
  id: string,
  warning: string,
): Promise<void> {
  await tx
    .updateTable("connections")
    .set({ consent_warned_of: warning })
    .where("id", "=", id)
    .execute();
}

/** Nobody's consent lets us in any more. */
export async function clearConsent(db: CoreDb, id: string, sealed: string): Promise<void> {
  await db
    .updateTable("connections")
    .set({
      credential: sealed,
      status: "authorization_required",
      status_reason: null,
      version: sql`version + 1`,
      consent_idle_at: null,
      consent_hard_at: null,
      renewed_at: null,
    })
    .where("id", "=", id)
    .execute();
}
