import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type {
  StoredThresholdCommit,
  ThresholdConfigurationsTable,
} from "../db/tables/payment-workflows.ts";
import { type Decimal, dec, toText } from "../domain/decimal.ts";
import type { PaymentGate } from "../domain/payments/payment-gate.ts";
import { fromStoredGate, toStoredGate } from "./payment-workflows.ts";

export type ThresholdType = ThresholdConfigurationsTable["type"];

/** At what balance or spend of a contract a commit is bought, and which. */
export interface ThresholdConfiguration {
  readonly contractId: string;
  readonly customerId: string;
  readonly type: ThresholdType;
  readonly isEnabled: boolean;
  /** The pricing unit that the balance is counted in; null: the contract's currency. */
  readonly customCreditTypeId: string | null;
  /** In the pricing unit, else the wire unit of the contract's currency, as is `rechargeTo`. */
  readonly threshold: Decimal;
  /** null for spend thresholds. */
  readonly rechargeTo: Decimal | null;
  /** null: the whole price is paid. */
  readonly paymentFraction: Decimal | null;
  readonly commit: StoredThresholdCommit;
  readonly gate: PaymentGate;
  readonly workflowCount: number;
}

const fromRow = (row: Selectable<ThresholdConfigurationsTable>): ThresholdConfiguration => ({
  contractId: row.contract_id,
  customerId: row.customer_id,
  type: row.type,
  isEnabled: row.is_enabled,
  customCreditTypeId: row.custom_credit_type_id,
  threshold: dec(row.threshold_amount),
  rechargeTo: row.recharge_to_amount === null ? null : dec(row.recharge_to_amount),
  paymentFraction: row.payment_fraction === null ? null : dec(row.payment_fraction),
  commit: row.commit,
  gate: fromStoredGate(row.gate),
  workflowCount: row.workflow_count,
});

/** Adds a contract's configuration, or puts it in the place of the one that it has. */
export async function upsertThreshold(
  tx: CoreTransaction,
  environmentId: string,
  configuration: Omit<ThresholdConfiguration, "workflowCount">,
): Promise<void> {
  const { rechargeTo, paymentFraction } = configuration;
  const columns = {
    is_enabled: configuration.isEnabled,
    custom_credit_type_id: configuration.customCreditTypeId,
    threshold_amount: toText(configuration.threshold),
    recharge_to_amount: rechargeTo && toText(rechargeTo),
    payment_fraction: paymentFraction && toText(paymentFraction),
    commit: JSON.stringify(configuration.commit),
    gate: JSON.stringify(toStoredGate(configuration.gate)),
  };
  await tx
    .insertInto("threshold_configurations")
    .values({
      contract_id: configuration.contractId,
      type: configuration.type,
      environment_id: environmentId,
      customer_id: configuration.customerId,
      ...columns,
    })
    .onConflict((conflict) => conflict.columns(["contract_id", "type"]).doUpdateSet(columns))
    .execute();
}

/** The configurations of these contracts, by contract. */
export async function listThresholds(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ThresholdConfiguration[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("threshold_configurations")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .orderBy("type")
    .execute();
  return Map.groupBy(rows.map(fromRow), ({ contractId }) => contractId);
}

/** The enabled configurations of a customer's contracts, oldest contract first. */
export async function listEnabledThresholds(
  db: CoreDb,
  environmentId: string,
  customerId: string,
): Promise<ThresholdConfiguration[]> {
  const rows = await db
    .selectFrom("threshold_configurations")
    .innerJoin("contracts", "contracts.id", "threshold_configurations.contract_id")
    .selectAll("threshold_configurations")
    .where("threshold_configurations.environment_id", "=", environmentId)
    .where("threshold_configurations.customer_id", "=", customerId)
    .where("is_enabled", "=", true)
    .where("contracts.archived_at", "is", null)
    .orderBy("contracts.position")
    .orderBy("threshold_configurations.type")
    .execute();
  return rows.map(fromRow);
}

/** Switches a configuration off: its payment failed. */
export async function disableThreshold(
  tx: CoreTransaction,
  contractId: string,
  type: ThresholdType,
): Promise<void> {
  await tx
    .updateTable("threshold_configurations")
    .set({ is_enabled: false })
    .where("contract_id", "=", contractId)
    .where("type", "=", type)
    .execute();
}

/** Counts a purchase that the configuration begins. */
export async function countThresholdWorkflow(
  tx: CoreTransaction,
  { contractId, type }: Pick<ThresholdConfiguration, "contractId" | "type">,
): Promise<void> {
  await tx
    .updateTable("threshold_configurations")
    .set((eb) => ({ workflow_count: eb("workflow_count", "+", 1) }))
    .where("contract_id", "=", contractId)
    .where("type", "=", type)
    .execute();
}
