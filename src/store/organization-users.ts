import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { OrganizationUsersTable } from "../db/tables/integrations.ts";
import { notFound } from "../errors.ts";

/** Somebody who can be told by mail. A user has no login. */
export interface OrganizationUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<OrganizationUsersTable>): OrganizationUser => ({
  id: row.id,
  name: row.name,
  email: row.email,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  position: row.position,
});

const ofEnvironment = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("organization_users")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null);

/** The environment's user of that id, unless it was deleted. Throws not_found. */
export async function getUser(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<OrganizationUser> {
  const row = await ofEnvironment(db, environmentId).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("user", id);
  return fromRow(row);
}

/** As getUser, held until the transaction ends. */
export async function lockUser(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<OrganizationUser> {
  const row = await ofEnvironment(tx, environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("user", id);
  return fromRow(row);
}

/** The users of these ids that there are; none of them can be deleted until the transaction ends. */
export async function lockUsers(
  tx: CoreTransaction,
  environmentId: string,
  ids: readonly string[],
): Promise<OrganizationUser[]> {
  if (ids.length === 0) return [];
  const rows = await ofEnvironment(tx, environmentId)
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .orderBy("position")
    .forShare()
    .execute();
  return rows.map(fromRow);
}

/** One page of users, oldest first; one row more than `limit`. */
export async function listUsers(
  db: CoreDb,
  environmentId: string,
  after: bigint | undefined,
  limit: number,
): Promise<OrganizationUser[]> {
  const rows = await ofEnvironment(db, environmentId)
    .where("position", ">", after ?? 0n)
    .orderBy("position")
    .limit(limit + 1)
    .execute();
  return rows.map(fromRow);
}

export interface NewUser {
  readonly environmentId: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: string;
}

/** Adds a user. */
export async function insertUser(db: CoreDb, user: NewUser): Promise<OrganizationUser> {
  const row = await db
    .insertInto("organization_users")
    .values({
      environment_id: user.environmentId,
      name: user.name,
      email: user.email,
      created_at: user.createdAt,
      updated_at: user.createdAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export interface UserChanges {
  readonly name?: string;
  readonly email?: string;
  readonly version?: number;
  readonly archivedAt?: string;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateUser(
  tx: CoreTransaction,
  id: string,
  { name, email, version, archivedAt, updatedAt }: UserChanges,
): Promise<void> {
  await tx
    .updateTable("organization_users")
    .set({
      updated_at: updatedAt,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(version === undefined ? {} : { version }),
      ...(archivedAt === undefined ? {} : { archived_at: archivedAt }),
    })
    .where("id", "=", id)
    .execute();
}
