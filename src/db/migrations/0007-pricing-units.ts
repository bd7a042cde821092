import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `create table pricing_units (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    name text not null,
    created_at timestamptz not null,
    created_by text not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create unique index pricing_units_name on pricing_units (environment_id, lower(name))
    where archived_at is null`,
  `create index pricing_units_by_environment on pricing_units (environment_id, position)`,
  `create table rate_card_conversions (
    rate_card_id uuid not null references rate_cards,
    unit_id uuid not null references pricing_units,
    fiat_per_unit numeric not null check (fiat_per_unit >= 0),
    position bigint generated always as identity,
    primary key (rate_card_id, unit_id))`,
];

/** Units of the seller's own that prices may be in, and what they cost on a rate card. */
export const pricingUnits: Migration = {
  name: "core-0007-pricing-units",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
