import type { CoreDb } from "../db/database.ts";
import type {
  FinalizationPolicy,
  InvoicingPolicies,
  LateUsagePolicy,
} from "../domain/invoices/policies.ts";
import { notFound } from "../errors.ts";

/** Changes of policies; what is absent stays. */
export interface PolicyChanges<None = never> {
  readonly finalization?: FinalizationPolicy | None | undefined;
  readonly lateUsage?: LateUsagePolicy | None | undefined;
}

/** What a contract chose for itself; null: as its environment says. */
export interface ContractPolicies {
  readonly finalization: FinalizationPolicy | null;
  readonly lateUsage: LateUsagePolicy | null;
}

const toColumns = <None>({ finalization, lateUsage }: PolicyChanges<None>) => ({
  ...(finalization === undefined ? {} : { finalization }),
  ...(lateUsage === undefined ? {} : { late_usage: lateUsage }),
});

/** What the environment's contracts follow unless they say otherwise. */
export async function getInvoicingPolicies(
  db: CoreDb,
  environmentId: string,
): Promise<InvoicingPolicies> {
  const row = await db
    .selectFrom("environments")
    .select(["finalization", "late_usage"])
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return { finalization: row.finalization, lateUsage: row.late_usage };
}

export async function updateInvoicingPolicies(
  db: CoreDb,
  environmentId: string,
  changes: PolicyChanges,
): Promise<void> {
  const columns = toColumns(changes);
  if (Object.keys(columns).length === 0) return;
  await db.updateTable("environments").set(columns).where("id", "=", environmentId).execute();
}

/** What a contract chose for itself. Throws not found. */
export async function getContractPolicies(
  db: CoreDb,
  environmentId: string,
  contractId: string,
): Promise<ContractPolicies> {
  const row = await db
    .selectFrom("contracts")
    .select(["finalization", "late_usage"])
    .where("environment_id", "=", environmentId)
    .where("id", "=", contractId)
    .executeTakeFirst();
  if (row === undefined) throw notFound("contract", contractId);
  return { finalization: row.finalization, lateUsage: row.late_usage };
}

/** Changes what a contract chose; null gives the choice back. Throws not found. */
export async function updateContractPolicies(
  db: CoreDb,
  environmentId: string,
  contractId: string,
  changes: PolicyChanges<null>,
): Promise<void> {
  await getContractPolicies(db, environmentId, contractId);
  const columns = toColumns(changes);
  if (Object.keys(columns).length === 0) return;
  await db.updateTable("contracts").set(columns).where("id", "=", contractId).execute();
}

/** What holds for each of these contracts. */
export const listPoliciesInForce = (
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, InvoicingPolicies>> =>
  contractIds.length === 0
    ? Promise.resolve(new Map())
    : readPolicies(policiesInForce(db).where("contracts.id", "in", [...new Set(contractIds)]));

/** What holds for each of a customer's contracts. */
export const listPoliciesOfCustomer = (
  db: CoreDb,
  customerId: string,
): Promise<ReadonlyMap<string, InvoicingPolicies>> =>
  readPolicies(policiesInForce(db).where("contracts.customer_id", "=", customerId));

const policiesInForce = (db: CoreDb) =>
  db
    .selectFrom("contracts")
    .innerJoin("environments", "environments.id", "contracts.environment_id")
    .select((eb) => [
      "contracts.id",
      eb.fn.coalesce("contracts.finalization", "environments.finalization").as("finalization"),
      eb.fn.coalesce("contracts.late_usage", "environments.late_usage").as("late_usage"),
    ]);

async function readPolicies(
  query: ReturnType<typeof policiesInForce>,
): Promise<ReadonlyMap<string, InvoicingPolicies>> {
  const rows = await query.execute();
  return new Map(
    rows.map((row) => [row.id, { finalization: row.finalization, lateUsage: row.late_usage }]),
  );
}
