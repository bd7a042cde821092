import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Where credit notes went: each to the provider that has its invoice, once. */
export const creditNoteDeliveries: Migration = {
  name: "core-0019-credit-note-deliveries",
  async up(db) {
    await sql
      .raw(
        `create table credit_note_deliveries (
          credit_note_id uuid primary key references credit_notes,
          amount_minor bigint not null,
          status text not null check (status in ('QUEUED', 'SENT', 'SKIPPED', 'FAILED')),
          external_id text,
          error_code text,
          error_message text,
          key_generation integer not null default 0,
          updated_at timestamptz not null)`,
      )
      .execute(db);
  },
};
