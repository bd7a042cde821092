import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const STATEMENTS: readonly string[] = [
  `alter table collect.accounts
    add column business_name text,
    add column support_email text,
    add column support_phone text,
    add column support_url text,
    add column country text,
    add column address jsonb,
    add column payment_instructions text,
    add column invoice_grace_hours integer not null default 1,
    add column upcoming_invoice_days integer not null default 7,
    add column subscription_retries jsonb not null default '[3, 5, 7]',
    add column subscription_retries_end text not null default 'cancel'
      check (subscription_retries_end in ('cancel', 'unpaid', 'leave_past_due')),
    add column invoice_number_scheme text not null default 'customer'
      check (invoice_number_scheme in ('customer', 'account')),
    add column invoice_prefix text,
    add column next_test_sequence integer not null default 1,
    add column next_live_sequence integer not null default 1`,
  `alter table collect.secret_keys
    add column id collect.object_id,
    add column name text,
    add column masked text,
    add column permissions jsonb,
    add column is_configured boolean not null default false,
    add column expires_at timestamptz,
    add column last_used_at timestamptz`,
  // Until now there was one key for each mode, and the server's own settings named it.
  `update collect.secret_keys set id = 'key_' || substr(key_hash, 1, 24), is_configured = true,
    masked = case when livemode then 'sk_live_...' else 'sk_test_...' end`,
  `alter table collect.secret_keys
    alter column id set not null,
    alter column masked set not null,
    add constraint secret_keys_id unique (id)`,
  `create index secret_keys_newest
    on collect.secret_keys (account_id, livemode, created_at desc, id desc)`,
];

/** Settings of accounts; several keys for each, some of them restricted. */
export const accounts: Migration = {
  name: "collect-0008-accounts",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
