import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `create table export_destinations (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    name text not null,
    kind text not null check (kind in ('folder', 's3', 'postgres')),
    format text check (format in ('parquet', 'csv')),
    tables jsonb not null,
    every_hours integer,
    settings jsonb not null,
    credential text,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    position bigint generated always as identity,
    check ((kind = 'postgres') = (format is null)))`,
  `create index export_destinations_by_environment on export_destinations (environment_id, position)`,
  // How far a destination has each table. A transaction's number means something in its own cluster only.
  `create table export_cursors (
    destination_id uuid not null references export_destinations,
    table_name text not null,
    exported_until xid8 not null,
    cluster text not null,
    snapshot_day date,
    primary key (destination_id, table_name))`,
  `create table export_runs (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    destination_id uuid not null references export_destinations,
    status text not null check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED')),
    cluster text,
    window_end xid8,
    error_code text,
    error_message text,
    remedy text,
    attempts integer not null default 0,
    manifest_path text,
    read_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null,
    created_by text not null,
    started_at timestamptz,
    completed_at timestamptz,
    position bigint generated always as identity)`,
  `create index export_runs_by_environment on export_runs (environment_id, position)`,
  `create unique index export_runs_one_at_a_time on export_runs (destination_id)
    where status in ('QUEUED', 'RUNNING')`,
  `create table export_run_tables (
    run_id uuid not null references export_runs,
    place integer not null,
    table_name text not null,
    window_start xid8,
    cursor jsonb,
    is_done boolean not null default false,
    primary key (run_id, table_name))`,
  `create table export_files (
    run_id uuid not null references export_runs,
    table_name text not null,
    part integer not null,
    path text not null,
    rows bigint not null,
    bytes bigint,
    sha256 text,
    primary key (run_id, table_name, part))`,
];

/** Where data is exported to, how far it has come, and what was written. */
export const exportsMigration: Migration = {
  name: "core-0042-exports",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
