import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { allMigrations } from "../../src/migrations.ts";
import { openDatabase } from "../../src/platform/database/database.ts";
import { startEmbeddedPostgres } from "../../src/platform/database/embedded-postgres.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { createTemporaryDataDir } from "../../src/platform/database/temporary-data-dir.ts";
import { runSql, withDatabase } from "./admin-sql.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A database of the run's server that may create others. */
    readonly databaseAdminUrl: string;
    /** The migrated database that every test database is a copy of. */
    readonly databaseTemplate: string;
  }
}

interface Server {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== "") return { adminUrl: given, stop: async () => {} };
  const dataDir = await createTemporaryDataDir("test");
  const logger = pino({ level: "error" }, pino.destination(2));
  const server = await startEmbeddedPostgres({ dataDir, logger, durable: false });
  return {
    adminUrl: server.url("postgres"),
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function createTemplate(adminUrl: string, name: string): Promise<void> {
  await runSql(adminUrl, `create database ${name}`);
  const { db } = openDatabase({ url: withDatabase(adminUrl, name), maxConnections: 1 });
  try {
    await migrate(db, allMigrations);
  } finally {
    await db.destroy();
  }
}

/** Starts the run's one server (or takes TEST_DATABASE_URL) and migrates the template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const template = `ledgerline_template_${randomBytes(4).toString("hex")}`;
  try {
    await createTemplate(server.adminUrl, template);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide("databaseAdminUrl", server.adminUrl);
  project.provide("databaseTemplate", template);
  return async () => {
    await runSql(server.adminUrl, `drop database if exists ${template} with (force)`);
    await server.stop();
  };
}
