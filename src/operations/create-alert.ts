import type { CoreTransaction } from "../db/database.ts";
import {
  type Alert,
  alertKind,
  type CustomFieldFilter,
  type FilterEntity,
} from "../domain/alerts/alert.ts";
import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import { dec, ZERO } from "../domain/decimal.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertQuietStates } from "../store/alert-states.ts";
import { insertAlert } from "../store/alerts.ts";
import { listMetrics } from "../store/billable-metrics.ts";
import { lockCustomFieldKeys } from "../store/custom-field-keys.ts";
import { listActiveCustomerIds } from "../store/customers.ts";
import { checkCreditType } from "./check-credit-type.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { enqueueEvaluations } from "./request-threshold-evaluation.ts";

export interface AlertTerms
  extends Omit<Alert, "id" | "environmentId" | "createdAt" | "archivedAt" | "position"> {
  /** false: what customers reach at the first look is not told. */
  readonly evaluateOnCreate: boolean;
}

/** Keeps one statement's parameters and one transaction's locks within bounds. */
const CUSTOMERS_AT_ONCE = 5000;

/**
 * Adds an alert and lets it look at everybody whom it watches, at once. Returns its id. Throws conflict
 * on a used uniqueness key.
 */
export async function createAlert(ctx: OperationContext, terms: AlertTerms): Promise<string> {
  const { evaluateOnCreate, ...alert } = terms;
  const environmentId = ctx.environment.id;
  checkThreshold(alert);
  return inTransaction(ctx.db, async (tx) => {
    const inTx = { ...ctx, db: tx };
    if (alert.customerId !== null) await lockActiveCustomer(tx, ctx, alert.customerId);
    if (alert.creditTypeId !== null) {
      await checkCreditType(inTx, alert.creditTypeId, "credit_type_id");
    }
    await checkMetric(inTx, alert.metricId);
    await checkFilters(tx, ctx, alert.customFieldFilters);
    const createdAt = instantText(ctx.now);
    const id = await insertAlert(tx, { ...alert, environmentId, createdAt, createdBy: ctx.actor });
    const watched =
      alert.customerId === null
        ? await listActiveCustomerIds(tx, environmentId)
        : [alert.customerId];
    for (let start = 0; start < watched.length; start += CUSTOMERS_AT_ONCE) {
      const some = watched.slice(start, start + CUSTOMERS_AT_ONCE);
      if (!evaluateOnCreate) await insertQuietStates(tx, id, some, createdAt);
      await enqueueEvaluations(
        tx,
        some.map((customerId) => ({ customerId, thresholds: false, alerts: true })),
        { clock: ctx.environment.name, trigger: "change", at: ctx.now },
      );
    }
    return id;
  });
}

const MOST_DAYS = dec("36500");
const MOST_PERCENT = dec("100");

function checkThreshold({ type, threshold }: Pick<Alert, "type" | "threshold">): void {
  const { measure } = alertKind(type);
  if (measure === "percentage" && threshold.gt(MOST_PERCENT)) {
    throw invalid("threshold of a percentage must be at most 100", "threshold");
  }
  if (measure !== "days") return;
  if (threshold.gt(ZERO) && threshold.lte(MOST_DAYS)) return;
  throw invalid("threshold in days must be more than 0 and at most 36500", "threshold");
}

async function checkMetric(ctx: OperationContext, metricId: string | null): Promise<void> {
  if (metricId === null) return;
  const wanted = { environmentId: ctx.environment.id, ids: [metricId], includeArchived: false };
  if ((await listMetrics(ctx.db, wanted)).length > 0) return;
  const field = "billable_metric_id";
  throw invalid(`${field} is no billable metric in use`, field);
}

/** Whose keys a filter may name. */
const KEYS_OF = {
  Contract: ["contract"],
  Commit: ["commit"],
  ContractCredit: ["contract_credit"],
  ContractCreditOrCommit: ["commit", "contract_credit"],
} as const satisfies Record<FilterEntity, readonly CustomFieldEntity[]>;

/** A key that was never added can have no value, so it is a mistake. */
async function checkFilters(
  tx: CoreTransaction,
  ctx: OperationContext,
  filters: readonly CustomFieldFilter[],
): Promise<void> {
  for (const [index, { entity, key }] of filters.entries()) {
    const known: string[] = [];
    for (const owner of KEYS_OF[entity]) {
      const keys = await lockCustomFieldKeys(tx, ctx.environment.id, owner);
      known.push(...keys.map((added) => added.key));
    }
    if (known.includes(key)) continue;
    const field = `custom_field_filters[${index}].key`;
    throw invalid(`${field}: the key ${JSON.stringify(key)} was not added for ${entity}`, field);
  }
}
