import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const FINALIZATION = "('automatic', 'on_approval')";
const LATE_USAGE = "('report', 'next_invoice', 'supplementary', 'credit_note')";

const STATEMENTS = [
  `alter table environments
    add column finalization text not null default 'automatic' check (finalization in ${FINALIZATION}),
    add column late_usage text not null default 'report' check (late_usage in ${LATE_USAGE})`,
  // null: as the environment says.
  `alter table contracts
    add column finalization text check (finalization in ${FINALIZATION}),
    add column late_usage text check (late_usage in ${LATE_USAGE})`,
  // What was approved is what is issued: the hash says whether a draft is still what somebody saw.
  `alter table invoices
    add column issue_moved_at timestamptz,
    add column approved_at timestamptz,
    add column approved_by text,
    add column approved_hash text,
    add column held_at timestamptz,
    add column held_by text,
    add column hold_reason text,
    add column locked_at timestamptz,
    add column locked_by text,
    add check ((approved_at is null) = (approved_by is null and approved_hash is null)),
    add check ((held_at is null) = (held_by is null and hold_reason is null)),
    add check ((locked_at is null) = (locked_by is null)),
    add check (locked_at is null or status <> 'DRAFT')`,
  `create index invoices_open_by_environment on invoices (environment_id, position)
    where status = 'DRAFT'`,
  `create index invoices_held on invoices (environment_id, position) where held_at is not null`,
  `create table customer_billable_statuses (
    customer_id uuid not null references customers,
    effective_at timestamptz not null,
    billable_status text not null check (billable_status in ('billable', 'unbillable')),
    primary key (customer_id, effective_at))`,
];

/** What people decide about invoices before they go out, and who does not get any. */
export const invoiceReview: Migration = {
  name: "core-0015-invoice-review",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
