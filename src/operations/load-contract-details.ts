import type { ScheduledCharge } from "../domain/contracts/contract.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { instant, isAfter } from "../domain/time.ts";
import {
  type BillingConfiguration,
  listBillingConfigurations,
} from "../store/billing-configurations.ts";
import { listCommits } from "../store/commits.ts";
import type { Connection } from "../store/connection.ts";
import {
  type LaterConfiguration,
  listLaterConfigurations,
} from "../store/contract-billing-schedule.ts";
import { type ContractEditRecord, listContractEdits } from "../store/contract-edits.ts";
import { listTransitions, type TransitionRow } from "../store/contract-transitions.ts";
import type { ContractRow } from "../store/contracts.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { listOverrides, type OverrideRow } from "../store/overrides.ts";
import { listUnitNames } from "../store/pricing-units.ts";
import { listScheduledCharges } from "../store/scheduled-charges.ts";
import { listThresholds, type ThresholdConfiguration } from "../store/threshold-configurations.ts";
import type { OperationContext } from "./context.ts";
import {
  type CommitDetail,
  type CommitDetailChoice,
  loadCommitDetails,
  loadProductNames,
} from "./load-commit-details.ts";
import { loadRecurringDetails, type RecurringCommitDetail } from "./load-recurring-details.ts";
import { loadSubscriptionDetails, type SubscriptionDetail } from "./load-subscription-details.ts";
import { readConnections } from "./read-connections.ts";

export interface ChargeDetail {
  readonly charge: ScheduledCharge;
  readonly productName: string;
  readonly customFields: CustomFields;
}

export interface OverrideDetail {
  readonly row: OverrideRow;
  /** Of the product that it is for; "" when it is not for a single one. */
  readonly productName: string;
  /** In which it overwrites prices: the contract's currency, or a pricing unit. */
  readonly creditTypeId: string;
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
}

export interface ScheduledConfiguration {
  readonly configuration: BillingConfiguration;
  readonly effectiveAt: string;
}

export interface ContractDetail {
  readonly row: ContractRow;
  readonly charges: readonly ChargeDetail[];
  readonly overrides: readonly OverrideDetail[];
  readonly subscriptions: readonly SubscriptionDetail[];
  /** Commits and credits. */
  readonly recurring: readonly RecurringCommitDetail[];
  readonly commits: readonly CommitDetail[];
  readonly credits: readonly CommitDetail[];
  readonly thresholds: readonly ThresholdConfiguration[];
  readonly customFields: CustomFields;
  /** To and from other contracts, oldest first. */
  readonly transitions: readonly TransitionRow[];
  /** What was changed since it was made, oldest first. */
  readonly edits: readonly ContractEditRecord[];
  /** The billing configuration in force now. */
  readonly billing: BillingConfiguration | undefined;
  /** All it had and will have, earliest first; empty when it never had one of its own. */
  readonly billingSchedule: readonly ScheduledConfiguration[];
  /** The environment's, by which a billing configuration shows where it leads. */
  readonly connections: readonly Connection[];
}

/** Contracts of one customer with all that is shown of them, in the order given. */
export async function loadContractDetails(
  ctx: OperationContext,
  customerId: string,
  rows: readonly ContractRow[],
  choice: CommitDetailChoice,
): Promise<ContractDetail[]> {
  const ids = rows.map(({ id }) => id);
  const environmentId = ctx.environment.id;
  const fields = await listCustomFields(ctx.db, environmentId, "contract", ids);
  const charges = await loadCharges(ctx, ids);
  const overrides = await loadOverrides(ctx, rows);
  const subscriptions = await loadSubscriptionDetails(ctx, rows);
  const recurring = await loadRecurringDetails(ctx, ids);
  const records = await listCommits(ctx.db, { customerId, includeArchived: true });
  const commits = await loadCommitDetails(
    ctx,
    customerId,
    records.filter(({ row }) => row.contract_id !== null && ids.includes(row.contract_id)),
    choice,
  );
  const transitions = await listTransitions(ctx.db, ids);
  const ofContract = Map.groupBy(commits, ({ record }) => record.row.contract_id);
  const billing = new Map(
    (await listBillingConfigurations(ctx.db, environmentId, [customerId], { archived: true })).map(
      (configuration) => [configuration.id, configuration],
    ),
  );
  const later = await listLaterConfigurations(ctx.db, ids);
  const thresholds = await listThresholds(ctx.db, ids);
  const edits = await listContractEdits(ctx.db, ids);
  const connections = await readConnections(ctx);
  return rows.map((row) => {
    const own = ofContract.get(row.id) ?? [];
    const billingSchedule = toBillingSchedule(row, later.get(row.id) ?? [], billing);
    return {
      row,
      charges: charges.get(row.id) ?? [],
      overrides: overrides.get(row.id) ?? [],
      subscriptions: subscriptions.get(row.id) ?? [],
      recurring: recurring.get(row.id) ?? [],
      commits: own.filter(({ record }) => record.row.type !== "CREDIT"),
      credits: own.filter(({ record }) => record.row.type === "CREDIT"),
      thresholds: thresholds.get(row.id) ?? [],
      customFields: fields.get(row.id) ?? {},
      transitions: transitions.filter(
        ({ fromContractId, toContractId }) => fromContractId === row.id || toContractId === row.id,
      ),
      edits: edits.get(row.id) ?? [],
      billing: billingSchedule.findLast(
        ({ configuration, effectiveAt }) =>
          configuration.id === row.billing_configuration_id ||
          !isAfter(instant(effectiveAt), ctx.now),
      )?.configuration,
      billingSchedule,
      connections,
    };
  });
}

function toBillingSchedule(
  { billing_configuration_id: first, starting_at }: ContractRow,
  later: readonly LaterConfiguration[],
  configurations: ReadonlyMap<string, BillingConfiguration>,
): ScheduledConfiguration[] {
  const entries = [
    ...(first === null ? [] : [{ configurationId: first, effectiveAt: starting_at }]),
    ...later,
  ];
  return entries.flatMap(({ configurationId, effectiveAt }, n) => {
    const configuration = configurations.get(configurationId);
    const isReplaced = entries[n + 1]?.effectiveAt === effectiveAt;
    return configuration === undefined || isReplaced ? [] : [{ configuration, effectiveAt }];
  });
}

async function loadOverrides(
  ctx: OperationContext,
  contracts: readonly ContractRow[],
): Promise<ReadonlyMap<string, readonly OverrideDetail[]>> {
  const byContract = await listOverrides(
    ctx.db,
    contracts.map(({ id }) => id),
  );
  const productIds = [...byContract.values()].flat().map((row) => row.product_id);
  const names = await loadProductNames(
    ctx,
    productIds.filter((id) => id !== null),
  );
  const units = await listUnitNames(ctx.db, ctx.environment.id);
  return new Map(
    contracts.map(({ id, fiat_credit_type_id: currencyId }) => [
      id,
      (byContract.get(id) ?? []).map((row) => ({
        row,
        productName: names.get(row.product_id ?? "") ?? "",
        creditTypeId: row.overwrite_rate?.credit_type_id ?? currencyId,
        units,
      })),
    ]),
  );
}

async function loadCharges(
  ctx: OperationContext,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ChargeDetail[]>> {
  const byContract = await listScheduledCharges(ctx.db, contractIds);
  const charges = [...byContract.values()].flat();
  const names = await loadProductNames(
    ctx,
    charges.map(({ productId }) => productId),
  );
  const fields = await listCustomFields(
    ctx.db,
    ctx.environment.id,
    "scheduled_charge",
    charges.map(({ id }) => id),
  );
  const toDetail = (charge: ScheduledCharge): ChargeDetail => ({
    charge,
    productName: names.get(charge.productId) ?? "",
    customFields: fields.get(charge.id) ?? {},
  });
  return new Map([...byContract].map(([id, own]) => [id, own.map(toDetail)]));
}
