import { type Kysely, type Selectable, sql, type Transaction, type Updateable } from "kysely";
import { instantText } from "../../domain/time.ts";
import { shownBy } from "../../platform/clock/clock.ts";
import { violatedConstraint } from "../../platform/database/database.ts";
import type { ClockName } from "../../platform/jobs/job-table.ts";
import { FIRST_VERSION } from "../api-version.ts";
import type { AccountsTable } from "../db/foundation-tables.ts";
import type { CollectDatabase } from "../db/tables.ts";
import { missing, refused } from "../errors.ts";
import { newId } from "../ids.ts";

export type AccountRow = Selectable<AccountsTable>;
export type AccountChanges = Omit<Updateable<AccountsTable>, "id" | "created_at">;

/** An account with its settings. Throws 404. */
export async function getAccount(db: Kysely<CollectDatabase>, id: string): Promise<AccountRow> {
  const row = await db.selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("account", id, "account");
  return row;
}

/** An account, and what the clock of an environment shows just then (an ISO instant). Throws 404. */
export async function getAccountAt(
  db: Kysely<CollectDatabase>,
  id: string,
  clock: ClockName,
): Promise<{ readonly account: AccountRow; readonly nowAt: string }> {
  const { rows } = await sql<
    AccountRow & { clock_frozen_at: string | null; clock_offset_ms: bigint }
  >`select account.*, clock.frozen_at as clock_frozen_at, clock.offset_ms as clock_offset_ms
    from collect.accounts account, public.clocks clock
    where account.id = ${id} and clock.name = ${clock}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw missing("account", id, "account");
  const { clock_frozen_at: frozen_at, clock_offset_ms: offset_ms, ...account } = row;
  return { account, nowAt: instantText(shownBy({ frozen_at, offset_ms })) };
}

/** Like getAccount, and keeps others from changing it until the transaction ends. */
export async function lockAccount(
  tx: Transaction<CollectDatabase>,
  id: string,
): Promise<AccountRow> {
  const row = await tx
    .selectFrom("accounts")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("account", id, "account");
  return row;
}

/** All accounts, oldest first. */
export async function listAccounts(db: Kysely<CollectDatabase>): Promise<AccountRow[]> {
  return db.selectFrom("accounts").selectAll().orderBy("created_at").orderBy("id").execute();
}

const nameTaken = (error: unknown, name: string): unknown =>
  violatedConstraint(error) === "accounts_name_key"
    ? refused("resource_already_exists", `There is an account named '${name}' already.`, "name")
    : error;

/** Makes an account; `createdAt` is on real time. Throws 400 when the name is taken. */
export async function insertAccount(
  tx: Transaction<CollectDatabase>,
  name: string,
  createdAt: string,
): Promise<AccountRow> {
  try {
    return await tx
      .insertInto("accounts")
      .values({
        id: newId("acct"),
        name,
        created_at: createdAt,
        default_api_version: FIRST_VERSION,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    throw nameTaken(error, name);
  }
}

/** Changes a locked account. Throws 400 when its new name is taken. */
export async function updateAccount(
  tx: Transaction<CollectDatabase>,
  id: string,
  changes: AccountChanges,
): Promise<AccountRow> {
  try {
    return await tx
      .updateTable("accounts")
      .set(changes)
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    throw nameTaken(error, String(changes.name));
  }
}

/** The account of this name, made when it does not exist yet. `createdAt` is on real time. */
export async function ensureAccount(
  tx: Transaction<CollectDatabase>,
  name: string,
  createdAt: string,
): Promise<string> {
  await tx
    .insertInto("accounts")
    .values({ id: newId("acct"), name, created_at: createdAt, default_api_version: FIRST_VERSION })
    .onConflict((clash) => clash.column("name").doNothing())
    .execute();
  const row = await tx
    .selectFrom("accounts")
    .select("id")
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Takes the next number of the account's own sequence in one mode: nobody else gets it. */
export async function takeAccountSequence(
  tx: Transaction<CollectDatabase>,
  id: string,
  livemode: boolean,
): Promise<number> {
  const column = livemode ? "next_live_sequence" : "next_test_sequence";
  const row = await tx
    .updateTable("accounts")
    .set({ [column]: sql`${sql.ref(column)} + 1` })
    .where("id", "=", id)
    .returning(sql<number>`${sql.ref(column)} - 1`.as("taken"))
    .executeTakeFirstOrThrow();
  return row.taken;
}
