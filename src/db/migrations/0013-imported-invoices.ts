import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // What was billed elsewhere has no draft: it is final from the start, and never sent.
  `alter table invoices
    add column imported boolean not null default false,
    add column billable_status text not null default 'billable'
      check (billable_status in ('billable', 'unbillable')),
    add column billed_total numeric,
    add column breakdown_granularity text check (breakdown_granularity in ('HOUR', 'DAY')),
    add column stated_usage jsonb,
    add check (imported = (stated_usage is not null)),
    add check (imported or (billed_total is null and breakdown_granularity is null))`,
];

/** Invoices that were issued elsewhere, with the quantities that they state. */
export const importedInvoices: Migration = {
  name: "core-0013-imported-invoices",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
