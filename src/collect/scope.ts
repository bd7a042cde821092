import type { Transaction } from "kysely";
import { type AnyClockName, type ClockName, isTestClock } from "../platform/jobs/job-table.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { CollectDatabase } from "./db/tables.ts";
import type { FollowUps } from "./follow-ups.ts";
import type { AccountRow } from "./store/accounts.ts";
import type { InvoiceRow } from "./store/invoices.ts";

export type CollectTx = Transaction<CollectDatabase>;

/**
 * What a piece of work belongs to: one account in one mode, at one moment, in one transaction.
 * Every operation and store function takes it first, so that nothing can cross accounts or modes.
 */
export interface Scope {
  readonly tx: CollectTx;
  readonly accountId: string;
  readonly livemode: boolean;
  /** Test mode follows the sandbox's clock or a test clock, live mode real time; jobs go onto this clock. */
  readonly clock: AnyClockName;
  /** ISO instant on that clock, the same for the whole piece of work. */
  readonly nowAt: string;
  /** The environment's own clock, which deliveries, mails and idempotency keys follow on any clock. */
  readonly base: { readonly clock: ClockName; readonly nowAt: string };
  /** The version of the request, else of the account: "2026-10-28.endive". It opens the gates of api-version.ts. */
  readonly apiVersion: string;
  /** The account with its settings, as they were when the work began. */
  readonly account: AccountRow;
  /** Seals what must not be read in the database. */
  readonly vault: Vault;
  /** The request that caused this work, or undefined in a job. */
  readonly request: RequestReference | undefined;
  /** Whether there is a mail server; else mails are only kept. */
  readonly sendsMail: boolean;
  /** Base of the links to pages of invoices, without a slash at its end. */
  readonly publicUrl: string;
  /** Events and jobs that come of the work; written when it is done. */
  readonly followUps: FollowUps;
  /** In a preview: takes the first draft that a subscription is billed with, and ends the work there. */
  readonly onDraft?: ((invoice: InvoiceRow) => Promise<never>) | undefined;
}

export interface RequestReference {
  readonly id: string;
  readonly idempotencyKey: string | undefined;
}

/** The test clock that the work is on; null: the environment's own. */
export const testClockOf = ({ clock }: Pick<Scope, "clock">): string | null =>
  isTestClock(clock) ? clock : null;

/** The same work, seen on the environment's own clock. */
export const onBaseClock = (scope: Scope): Scope => ({ ...scope, ...scope.base });
