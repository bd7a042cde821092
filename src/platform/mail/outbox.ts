import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Migration } from "../database/migrate.ts";
import type { ClockName } from "../jobs/job-table.ts";

/** kept: there is no mail server, it is only shown; the others: on its way, gone, given up. */
export type MailState = "kept" | "waiting" | "sent" | "failed";

export interface OutboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly state: MailState;
  /** ISO instant on the environment's clock. */
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly position: bigint;
}

/** The mails of both environments, written by the core and by Collect in their own transactions. */
export const outboxMigration: Migration = {
  name: "platform-0002-outbox",
  async up(db) {
    await sql`create table outbox_mails (
      id uuid primary key,
      environment text not null check (environment in ('PRODUCTION', 'SANDBOX')),
      recipient text not null,
      subject text not null,
      body text not null,
      state text not null check (state in ('kept', 'waiting', 'sent', 'failed')),
      created_at timestamptz not null,
      sent_at timestamptz,
      attempts integer not null default 0,
      error text,
      position bigint generated always as identity)`.execute(db);
    await sql`create index outbox_mails_by_environment on outbox_mails (environment, position)`.execute(
      db,
    );
  },
};

/** A header holds one line of text, whatever is given for it. */
const oneLine = (text: string): string => text.replace(/[\r\n\t\0]+/g, " ").trim();

export interface NewMail {
  readonly environment: ClockName;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** ISO instant on the environment's clock. */
  readonly createdAt: string;
  /** Whether a mail server will get it; else it is kept to be looked at. */
  readonly isSent: boolean;
}

/** Adds a mail in the caller's transaction and answers its id; sending it is the caller's job. */
export async function insertMail<Tables>(tx: Kysely<Tables>, mail: NewMail): Promise<string> {
  const id = randomUUID();
  await sql`insert into public.outbox_mails
    (id, environment, recipient, subject, body, state, created_at)
    values (${id}::uuid, ${mail.environment}, ${oneLine(mail.to)}, ${oneLine(mail.subject)},
      ${mail.text}, ${mail.isSent ? "waiting" : "kept"}, ${mail.createdAt}::timestamptz)`.execute(
    tx,
  );
  return id;
}

interface MailRow {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  state: MailState;
  created_at: string;
  sent_at: string | null;
  attempts: number;
  error: string | null;
  position: bigint;
}

const fromRow = (row: MailRow): OutboxMail => ({
  id: row.id,
  to: row.recipient,
  subject: row.subject,
  text: row.body,
  state: row.state,
  createdAt: row.created_at,
  sentAt: row.sent_at,
  attempts: row.attempts,
  error: row.error,
  position: row.position,
});

/** A mail that waits to be sent; undefined when it has gone or is only kept. */
export async function findWaitingMail<Tables>(
  db: Kysely<Tables>,
  id: string,
): Promise<OutboxMail | undefined> {
  const { rows } = await sql<MailRow>`select * from public.outbox_mails
    where id = ${id}::uuid and state = 'waiting'`.execute(db);
  return rows[0] && fromRow(rows[0]);
}

/** Notes how an attempt ended; `sentAt` is on the environment's clock. */
export async function noteAttempt<Tables>(
  db: Kysely<Tables>,
  id: string,
  attempt: {
    readonly state: MailState;
    readonly sentAt: string | null;
    readonly error: string | null;
  },
): Promise<void> {
  await sql`update public.outbox_mails set state = ${attempt.state}, attempts = attempts + 1,
    sent_at = ${attempt.sentAt}::timestamptz, error = ${attempt.error}
    where id = ${id}::uuid`.execute(db);
}

export interface OutboxFilter {
  readonly to?: string | undefined;
  readonly state?: MailState | undefined;
  /** Position after which to go on. */
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** The mails of one environment, oldest first; one more than asked for, to see whether more follow. */
export async function listMails<Tables>(
  db: Kysely<Tables>,
  environment: ClockName,
  { to, state, after, limit }: OutboxFilter,
): Promise<OutboxMail[]> {
  const { rows } = await sql<MailRow>`select * from public.outbox_mails
    where environment = ${environment}
      and (${to ?? null}::text is null or recipient = ${to ?? null})
      and (${state ?? null}::text is null or state = ${state ?? null})
      and position > ${after ?? 0n}
    order by position limit ${limit + 1}`.execute(db);
  return rows.map(fromRow);
}
