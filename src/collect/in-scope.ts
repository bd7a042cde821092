import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import { instantText } from "../domain/time.ts";
import type { Clock } from "../platform/clock/clock.ts";
import { inTransaction } from "../platform/database/database.ts";
import { sideBySide } from "../platform/database/lockstep/side-by-side.ts";
import type { AnyClockName, ClockName } from "../platform/jobs/job-table.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { CollectDatabase } from "./db/tables.ts";
import { noFollowUps } from "./follow-ups.ts";
import type { CollectTx, RequestReference, Scope } from "./scope.ts";
import { getAccountAt } from "./store/accounts.ts";
import { writeFollowUps } from "./store/write-follow-ups.ts";

/** What every request and job of this process shares. */
export interface CollectContext {
  /** The handle with the schema "collect" set. */
  readonly db: Kysely<CollectDatabase>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seals what must not be read in the database. */
  readonly vault: Vault;
  /** Base of the links to pages of invoices, without a slash at its end. */
  readonly publicUrl: () => string;
  /** Whether there is a mail server; else mails are only kept. */
  readonly sendsMail: boolean;
}

/** Whose work it is: objects of two accounts, or of the two modes of one, never meet. */
export interface Owner {
  readonly accountId: string;
  readonly livemode: boolean;
  /** The clock of the work; undefined: the environment's. */
  readonly clock?: AnyClockName | undefined;
  /** What that clock shows, when it was just read. */
  readonly nowAt?: string | undefined;
}

/** Test mode follows the sandbox's clock, live mode real time. */
export const clockOf = (livemode: boolean): ClockName => (livemode ? "PRODUCTION" : "SANDBOX");

/** Everything of a scope but its transaction and what comes of it. */
export type ScopeFrame = Omit<Scope, "tx" | "followUps">;

/** Fixes the moment of a piece of work; an undefined version is the account's default. */
export async function frameScope(
  context: CollectContext,
  { accountId, livemode, clock: wanted, nowAt: known }: Owner,
  request?: { readonly reference: RequestReference; readonly version: string | undefined },
): Promise<ScopeFrame> {
  const clock = clockOf(livemode);
  const { account, nowAt } = await getAccountAt(context.db, accountId, clock);
  const base = { clock, nowAt };
  const onClock = async (name: AnyClockName) => ({
    clock: name,
    nowAt: known ?? instantText(await context.clock.now(name)),
  });
  return {
    accountId,
    livemode,
    ...(wanted === undefined || wanted === clock ? base : await onClock(wanted)),
    base,
    apiVersion: request?.version ?? account.default_api_version,
    account,
    vault: context.vault,
    publicUrl: context.publicUrl(),
    sendsMail: context.sendsMail,
    request: request?.reference,
  };
}

/** Runs `work` in one transaction that may change things. For jobs: `owner` comes from the payload. */
export async function inScope<Result>(
  context: CollectContext,
  owner: Owner,
  work: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  return inFrame(context, await frameScope(context, owner), work);
}

/** Runs `work` in one transaction, and writes what comes of it at its end. */
export async function inFrame<Result>(
  context: CollectContext,
  frame: ScopeFrame,
  work: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  return inTransaction(context.db, async (tx) => {
    const scope = { ...frame, tx, followUps: noFollowUps() };
    const result = await work(scope);
    await writeFollowUps(scope);
    return result;
  });
}

/**
 * Runs several pieces of work of one owner in one transaction, side by side: all, or none when one
 * throws. They must be about different customers.
 */
export async function inScopes<Result>(
  context: CollectContext,
  owner: Owner,
  works: readonly ((scope: Scope) => Promise<Result>)[],
): Promise<Result[]> {
  const frame = await frameScope(context, owner);
  return inTransaction(context.db, async (tx) => {
    const followUps = noFollowUps();
    const results = await sideBySide(
      tx,
      works.map((work) => (handle: CollectTx) => work({ ...frame, tx: handle, followUps })),
    );
    await writeFollowUps({ ...frame, tx, followUps });
    return results;
  });
}

/** Goes over different objects of one scope side by side, in its transaction. */
export async function forEachInScope<Part>(
  scope: Scope,
  parts: readonly Part[],
  work: (scope: Scope, part: Part) => Promise<void>,
): Promise<void> {
  await sideBySide(
    scope.tx,
    parts.map((part) => (handle: CollectTx) => work({ ...scope, tx: handle }, part)),
  );
}

/** Runs `read` on one unchanging view of the data. */
export async function inSnapshot<Result>(
  context: CollectContext,
  frame: ScopeFrame,
  read: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  return inTransaction(context.db, async (tx: CollectTx) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx);
    return read({ ...frame, tx, followUps: noFollowUps() });
  });
}
