import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Which warning ahead of a consent's end was sent last, so that each is sent once. */
export const consentWarnings: Migration = {
  name: "core-0048-consent-warnings",
  async up(db) {
    await sql.raw(`alter table connections add column consent_warned_of text`).execute(db);
  },
};
