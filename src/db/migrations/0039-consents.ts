import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  `alter table connections
    add column consent_idle_at timestamptz,
    add column consent_hard_at timestamptz,
    add column renewed_at timestamptz,
    add column renewal_token uuid,
    add column renewal_until timestamptz`,
  `create table authorization_states (
    state_hash bytea primary key,
    environment_id uuid not null references environments (id),
    connection_id uuid not null references connections (id),
    expires_at timestamptz not null,
    used_at timestamptz)`,
  `create index authorization_states_by_expiry on authorization_states (expires_at)`,
];

/** How long a person's consent lets us in, who renews it, and the pages of consent that are open. */
export const consents: Migration = {
  name: "core-0039-consents",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
