import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

export interface EnvironmentRecord {
  readonly id: string;
  readonly name: ClockName;
  readonly clientId: string;
  readonly orgId: string;
}

/** The environment of that name; both always exist. */
export async function getEnvironment(db: CoreDb, name: ClockName): Promise<EnvironmentRecord> {
  const row = await db
    .selectFrom("environments")
    .where("name", "=", name)
    .select(["id", "name", "client_id", "org_id"])
    .executeTakeFirstOrThrow();
  return { id: row.id, name: row.name, clientId: row.client_id, orgId: row.org_id };
}

/** The environment of that id, or undefined. */
export async function findEnvironment(
  db: CoreDb,
  id: string,
): Promise<EnvironmentRecord | undefined> {
  const row = await db
    .selectFrom("environments")
    .where("id", "=", id)
    .select(["id", "name", "client_id", "org_id"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { id: row.id, name: row.name, clientId: row.client_id, orgId: row.org_id };
}

/** The environment that a webhook address names, or undefined. */
export async function findEnvironmentOfClient(
  db: CoreDb,
  clientId: string,
  name: string,
): Promise<EnvironmentRecord | undefined> {
  const row = await db
    .selectFrom("environments")
    .where(sql<string>`client_id::text`, "=", clientId.toLowerCase())
    .where(sql<string>`name`, "=", name)
    .select(["id", "name", "client_id", "org_id"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { id: row.id, name: row.name, clientId: row.client_id, orgId: row.org_id };
}

/** The environment that an invoice belongs to, or undefined. */
export async function findEnvironmentOfInvoice(
  db: CoreDb,
  invoiceId: string,
): Promise<EnvironmentRecord | undefined> {
  const row = await db
    .selectFrom("invoices")
    .innerJoin("environments", "environments.id", "invoices.environment_id")
    .where("invoices.id", "=", invoiceId)
    .select(["environments.id", "environments.name", "client_id", "org_id"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { id: row.id, name: row.name, clientId: row.client_id, orgId: row.org_id };
}
