import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // key_hint: what of the credential may be shown. credential_type: in the wire's words; null is the
  // provider's usual one.
  `alter table connections
    add column key_hint text,
    add column credential_type text,
    add column version integer not null default 1`,
  `create index integration_configurations_by_user on integration_configurations
    using gin ((options -> 'disabledNotificationUserIds')) where archived_at is null`,
  // An endpoint as the integrations API knows it: named, and switched off and on by hand.
  `alter table webhook_endpoints
    add column name text,
    add column description text,
    add column code text,
    add column active boolean not null default true,
    add column api_key text,
    add column version integer not null default 1`,
];

/** What the integrations API shows of credentials and webhook destinations. */
export const integrationCredentials: Migration = {
  name: "core-0027-integration-credentials",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
