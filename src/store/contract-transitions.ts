import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** A contract that renews another one. Instants are canonical text. */
export interface Renewal {
  /** The contract that follows. */
  readonly contractId: string;
  readonly customerId: string;
  readonly fromContractId: string;
  readonly startingAt: string;
  readonly endingBefore: string | null;
}

const renewals = (db: CoreDb) =>
  db
    .selectFrom("contracts")
    .select([
      "id as contractId",
      "customer_id as customerId",
      sql<string>`from_contract_id`.as("fromContractId"),
      "starting_at as startingAt",
      "ending_before as endingBefore",
    ])
    .where("transition_type", "=", "RENEWAL")
    .where("archived_at", "is", null);

/** How this contract renews another one; undefined when it does not. */
export async function findRenewal(db: CoreDb, contractId: string): Promise<Renewal | undefined> {
  return renewals(db).where("id", "=", contractId).executeTakeFirst();
}

/** The renewals of a customer that wait for the last invoices of the contract before, in order of time. */
export async function listUnsettledRenewals(db: CoreDb, customerId: string): Promise<Renewal[]> {
  return renewals(db)
    .where("customer_id", "=", customerId)
    .where("id", "in", (sub) =>
      sub
        .selectFrom("commits")
        .select(sql<string>`contract_id`.as("id"))
        .where("customer_id", "=", customerId)
        .where("archived_at", "is", null)
        .where("rolled_over_from_id", "is not", null)
        .where("rollover_settled_at", "is", null),
    )
    .orderBy("starting_at")
    .orderBy("position")
    .execute();
}

export interface Successor {
  readonly id: string;
  readonly type: "RENEWAL" | "SUPERSEDE";
  readonly startingAt: string;
}

/** The contract that follows this one; an archived one does not count. */
export async function findSuccessor(
  db: CoreDb,
  contractId: string,
): Promise<Successor | undefined> {
  const row = await db
    .selectFrom("contracts")
    .select(["id", "transition_type", "starting_at"])
    .where("from_contract_id", "=", contractId)
    .where("archived_at", "is", null)
    .executeTakeFirst();
  if (row === undefined || row.transition_type === null) return undefined;
  return { id: row.id, type: row.transition_type, startingAt: row.starting_at };
}

export interface TransitionRow {
  readonly type: "RENEWAL" | "SUPERSEDE";
  readonly fromContractId: string;
  readonly toContractId: string;
}

/** The transitions from and to these contracts, oldest first. */
export async function listTransitions(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<TransitionRow[]> {
  if (contractIds.length === 0) return [];
  const rows = await db
    .selectFrom("contracts")
    .select(["id", "from_contract_id", "transition_type"])
    .where("from_contract_id", "is not", null)
    .where((where) =>
      where.or([
        where("id", "in", [...contractIds]),
        where("from_contract_id", "in", [...contractIds]),
      ]),
    )
    .orderBy("position")
    .execute();
  return rows.flatMap(({ id, from_contract_id: from, transition_type: type }) =>
    from === null || type === null ? [] : [{ type, fromContractId: from, toContractId: id }],
  );
}
