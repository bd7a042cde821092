import { type RawBuilder, sql } from "kysely";

/**
 * Whose session a statement runs in: the name that openDatabase gives every session of its pool. A
 * lease that carries it can be told from one that nobody holds any more.
 */
export const sessionOwner: RawBuilder<string> = sql`current_setting('application_name')`;

/**
 * True when no session of the owner in this column is left: its process ended, by kill -9 as well,
 * since the database closes the sessions of a process that is gone. False for null, an owner unknown.
 */
export const isOwnerGone = (column: string): RawBuilder<boolean> => sql`(
  ${sql.ref(column)} is not null and not exists (
    select 1 from pg_stat_activity session
    where session.datname = current_database()
      and session.application_name = ${sql.ref(column)}))`;
