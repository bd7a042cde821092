import { collectMigrations } from "./collect/db/migrations/index.ts";
import { coreMigrations } from "./db/migrations/index.ts";
import type { Migration } from "./platform/database/migrate.ts";
import { platformMigrations } from "./platform/migrations.ts";

/** The complete schema, in order of application: what both parts stand on, the core, Collect. */
export const allMigrations: readonly Migration[] = [
  ...platformMigrations,
  ...coreMigrations,
  ...collectMigrations,
];
