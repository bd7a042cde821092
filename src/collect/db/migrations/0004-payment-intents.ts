import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const STATEMENTS: readonly string[] = [
  `alter table collect.payment_intents
    add column metadata jsonb not null default '{}',
    add column automatic_payment_methods jsonb`,
  `alter table collect.payment_intents drop constraint payment_intents_status_check`,
  `alter table collect.payment_intents add constraint payment_intents_status_check
    check (status in ('requires_payment_method', 'requires_confirmation', 'requires_action',
      'succeeded', 'canceled'))`,
];

/** Payments that belong to no invoice. */
export const paymentIntents: Migration = {
  name: "collect-0004-payment-intents",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
