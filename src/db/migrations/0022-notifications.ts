import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // Whether anybody is to be told of anything: what every change of a contract or commit asks first.
  `alter table environments add column tells_lifecycle boolean not null default false`,
  // A type without a row was never switched on.
  `create table system_notifications (
    environment_id uuid not null references environments,
    type text not null,
    enabled_at timestamptz,
    primary key (environment_id, type))`,
  `create table offset_notifications (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    name text not null,
    type text not null,
    offset_duration text not null,
    uniqueness_key text,
    active_from timestamptz not null,
    created_at timestamptz not null,
    created_by text not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create unique index offset_notifications_uniqueness_key
    on offset_notifications (environment_id, uniqueness_key) where uniqueness_key is not null`,
  `create index offset_notifications_by_environment
    on offset_notifications (environment_id, position)`,
  `create index offset_notifications_in_use on offset_notifications (environment_id)
    where archived_at is null`,
  // Kept while notifications are on, for those that come some time after an edit.
  `create table commit_edits (
    id uuid primary key,
    commit_id uuid not null,
    edited_at timestamptz not null,
    position bigint generated always as identity)`,
  `create index commit_edits_by_commit on commit_edits (commit_id, position)`,
];

/** What environments want to be told of the lives of contracts, commits and credits. */
export const notifications: Migration = {
  name: "core-0022-notifications",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
