import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // `change`, `before` and `after` are json and not jsonb: they are kept as they were written.
  `create table audit_logs (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    actor_id text not null,
    actor_name text not null,
    request_id text not null,
    ip text,
    user_agent text,
    action text not null,
    resource_type text not null,
    resource_id text,
    status text not null check (status in ('success', 'failure', 'pending')),
    description text not null,
    change json,
    before json,
    after json,
    position bigint generated always as identity)`,
  `create unique index audit_logs_by_position on audit_logs (environment_id, position)`,
  `create index audit_logs_by_time on audit_logs (environment_id, occurred_at)`,
  `create index audit_logs_by_resource
    on audit_logs (environment_id, resource_type, resource_id, position)
    where resource_id is not null`,
  `create function refuse_audit_log_change() returns trigger language plpgsql as $$
    begin
      raise exception 'audit_logs is only ever added to' using errcode = 'restrict_violation';
    end $$`,
  `create trigger audit_logs_stay before update or delete or truncate on audit_logs
    for each statement execute function refuse_audit_log_change()`,
];

/** Who changed what, when, from what to what: rows that are written once and stay. */
export const auditLog: Migration = {
  name: "core-0021-audit-log",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
