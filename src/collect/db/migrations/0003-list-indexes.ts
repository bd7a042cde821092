import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const INDEXES: readonly string[] = [
  `create index invoice_payments_invoice
    on collect.invoice_payments (invoice, created_at desc, id desc)`,
  `create index payment_intents_customer
    on collect.payment_intents (customer, created_at desc, id desc)`,
  `create index charges_customer on collect.charges (customer, created_at desc, id desc)`,
];

/** The payments of one invoice and of one customer are found without reading everybody's. */
export const listIndexes: Migration = {
  name: "collect-0003-list-indexes",
  async up(db) {
    for (const statement of INDEXES) await sql.raw(statement).execute(db);
  },
};
