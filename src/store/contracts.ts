import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ContractsTable } from "../db/tables/contracts.ts";
import type { Contract, ScheduledCharge } from "../domain/contracts/contract.ts";
import type { Override } from "../domain/overrides/override.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import { instant } from "../domain/time.ts";
import { conflict, notFound } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

export type ContractRow = Selectable<ContractsTable>;

export type NewContract = Omit<
  ContractRow,
  "id" | "position" | "archived_at" | "finalization" | "late_usage"
>;

/** Adds a contract and returns its id. Throws conflict when the uniqueness key was used before. */
export async function insertContract(tx: CoreTransaction, contract: NewContract): Promise<string> {
  try {
    const { id } = await tx
      .insertInto("contracts")
      .values({ ...contract, archived_at: null })
      .returning("id")
      .executeTakeFirstOrThrow();
    return id;
  } catch (error) {
    if (violatedConstraint(error) === "contracts_uniqueness_key") {
      throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
    }
    throw error;
  }
}

/** A customer's contracts in the order of their creation. */
export async function listContracts(
  db: CoreDb,
  filter: { environmentId: string; customerId: string; includeArchived: boolean },
): Promise<ContractRow[]> {
  return db
    .selectFrom("contracts")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .where("customer_id", "=", filter.customerId)
    .$if(!filter.includeArchived, (query) => query.where("archived_at", "is", null))
    .orderBy("position")
    .execute();
}

/** One contract of a customer, archived or not. Throws not found. */
export async function getContract(
  db: CoreDb,
  key: { environmentId: string; customerId: string; contractId: string },
): Promise<ContractRow> {
  const row = await db
    .selectFrom("contracts")
    .selectAll()
    .where("environment_id", "=", key.environmentId)
    .where("customer_id", "=", key.customerId)
    .where("id", "=", key.contractId)
    .executeTakeFirst();
  if (row === undefined) throw notFound("contract", key.contractId);
  return row;
}

/** The contract of a uniqueness key, archived or not. */
export async function findContractByKey(
  db: CoreDb,
  environmentId: string,
  key: string,
): Promise<ContractRow | undefined> {
  return db
    .selectFrom("contracts")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("uniqueness_key", "=", key)
    .executeTakeFirst();
}

/** What of a contract's own can change; what is absent stays. An end of null leaves it open. */
export type ContractColumns = Partial<
  Pick<ContractRow, "name" | "net_payment_terms_days" | "ending_before">
>;

/** Changes a contract's own terms. */
export async function updateContract(
  tx: CoreTransaction,
  contractId: string,
  columns: ContractColumns,
): Promise<void> {
  await tx.updateTable("contracts").set(columns).where("id", "=", contractId).execute();
}

/** Archives a contract; one that is archived keeps its time. */
export async function archiveContract(
  tx: CoreTransaction,
  contractId: string,
  at: string,
): Promise<void> {
  await tx
    .updateTable("contracts")
    .set({ archived_at: sql`coalesce(archived_at, ${at}::timestamptz)` })
    .where("id", "=", contractId)
    .execute();
}

/** A contract as rating sees it, with its scheduled charges, subscriptions and overrides. */
export const toContract = (
  row: ContractRow,
  scheduledCharges: readonly ScheduledCharge[],
  subscriptions: readonly Subscription[],
  overrides: readonly Override[],
): Contract => ({
  id: row.id,
  startingAt: instant(row.starting_at),
  endingBefore: row.ending_before === null ? null : instant(row.ending_before),
  rateCardId: row.rate_card_id,
  fiatCreditTypeId: row.fiat_credit_type_id,
  usageSchedule: {
    frequency: row.usage_frequency,
    anchor: { day: "CUSTOM_DATE", anchorAt: instant(row.usage_anchor_at) },
    invoiceGenerationStartingAt: instant(row.invoice_generation_starting_at),
  },
  scheduledChargesOnUsageInvoices: row.scheduled_charges_on_usage_invoices,
  scheduledCharges,
  subscriptions,
  overrides,
  multiplierPrioritization: row.multiplier_override_prioritization,
});
