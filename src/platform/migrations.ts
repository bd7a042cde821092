import { sql } from "kysely";
import type { Migration } from "./database/migrate.ts";
import { createJobTable } from "./jobs/job-table.ts";
import { outboxMigration } from "./mail/outbox.ts";

/** Tables that both the core and Collect stand on. */
export const platformMigrations: readonly Migration[] = [
  {
    name: "platform-0001-clocks-and-instance",
    async up(db) {
      await sql`create table clocks (
        name text primary key check (name in ('PRODUCTION', 'SANDBOX')),
        frozen_at timestamptz,
        offset_ms bigint not null default 0,
        pinned boolean not null default false,
        advance_target_at timestamptz,
        advance_leader uuid,
        advance_lease_until timestamptz,
        advance_owner text)`.execute(db);
      await sql`insert into clocks (name) values ('PRODUCTION'), ('SANDBOX')`.execute(db);
      await sql`create table instance_facts (name text primary key, value text not null)`.execute(
        db,
      );
      await createJobTable(db, "core_jobs");
      await sql`create schema collect`.execute(db);
      await createJobTable(db, "collect.jobs");
    },
  },
  outboxMigration,
  {
    name: "platform-0003-test-clocks",
    async up(db) {
      const names = sql`in ('PRODUCTION', 'SANDBOX')`;
      await sql`alter table clocks drop constraint clocks_name_check,
        add check (name ${names} or name like 'clock\\_%')`.execute(db);
      await sql`alter table collect.jobs drop constraint jobs_clock_check,
        add check (clock ${names} or clock like 'clock\\_%')`.execute(db);
    },
  },
  {
    name: "platform-0004-job-resources",
    async up(db) {
      for (const table of ["core_jobs", "collect.jobs"] as const) {
        await sql`alter table ${sql.table(table)} add column resource text`.execute(db);
        await sql`create index ${sql.ref(`${table.replace(".", "_")}_resource`)}
          on ${sql.table(table)} (clock, resource) where resource is not null`.execute(db);
      }
    },
  },
];
