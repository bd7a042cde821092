import { countWindows, type WindowSize } from "../domain/metering/usage-windows.ts";
import type { Interval } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { listMetrics } from "../store/billable-metrics.ts";
import { listUsageCustomers } from "../store/usage-customers.ts";
import type { OperationContext } from "./context.ts";
import { type AskedMetric, type GroupBy, queryUsage, type UsageAnswer } from "./query-usage.ts";

/** Where a page ended: the positions of its last customer and metric. */
export interface UsageCursor {
  readonly customer: bigint;
  readonly metric: bigint;
}

export interface UsageListQuery {
  readonly size: WindowSize;
  readonly range: Interval;
  /** All that are not archived when left out. */
  readonly customerIds: readonly string[] | undefined;
  readonly metrics:
    | readonly { readonly id: string; readonly groupBy?: GroupBy | undefined }[]
    | undefined;
  readonly after: UsageCursor | undefined;
}

export interface UsagePage {
  readonly answers: readonly UsageAnswer[];
  readonly next: UsageCursor | undefined;
}

const MAX_ANSWERS = 10_000;

/**
 * One page of usage: whole series of windows of (customer, metric), customers and metrics in order
 * of creation. Throws invalid for a range of too many windows, not found for an unknown id.
 */
export async function listUsagePage(
  ctx: OperationContext,
  query: UsageListQuery,
): Promise<UsagePage> {
  const windows = countWindows(query.size, query.range);
  if (windows > MAX_ANSWERS) {
    throw invalid(`the range has ${windows} windows; at most ${MAX_ANSWERS} can be asked at once`);
  }
  const metrics = await listAskedMetrics(ctx, query.metrics);
  const pairsPerPage = Math.max(1, Math.trunc(MAX_ANSWERS / windows));
  const customers = await listUsageCustomers(ctx.db, {
    environmentId: ctx.environment.id,
    ids: query.customerIds,
    from: query.after?.customer,
    limit: pairsPerPage + 2,
  });
  const pairs = customers
    .flatMap((customer) => metrics.map((asked) => ({ customer, customerId: customer.id, asked })))
    .filter(({ customer, asked }) => isAfterCursor(query.after, customer.position, asked));
  const page = metrics.length === 0 ? [] : pairs.slice(0, pairsPerPage);
  const last = pairs.length > page.length ? page.at(-1) : undefined;
  return {
    answers: await queryUsage(ctx, { size: query.size, range: query.range, pairs: page }),
    next: last && { customer: last.customer.position, metric: last.asked.metric.position },
  };
}

function isAfterCursor(
  after: UsageCursor | undefined,
  customerPosition: bigint,
  { metric }: AskedMetric,
): boolean {
  if (after === undefined || customerPosition > after.customer) return true;
  return customerPosition === after.customer && metric.position > after.metric;
}

async function listAskedMetrics(
  ctx: OperationContext,
  asked: UsageListQuery["metrics"],
): Promise<AskedMetric[]> {
  const found = await listMetrics(ctx.db, {
    environmentId: ctx.environment.id,
    includeArchived: asked !== undefined,
    ...(asked === undefined ? {} : { ids: asked.map(({ id }) => id) }),
  });
  if (asked === undefined) return found.map((metric) => ({ metric, groupBy: undefined }));
  const groupBys = new Map(asked.map(({ id, groupBy }) => [id, groupBy]));
  if (groupBys.size < asked.length) throw invalid("billable_metrics names a metric twice");
  const known = new Set(found.map(({ id }) => id));
  const missing = asked.find(({ id }) => !known.has(id));
  if (missing !== undefined) throw notFound("billable metric", missing.id);
  return found.map((metric) => {
    const groupBy = groupBys.get(metric.id);
    if (groupBy !== undefined && !metric.groupKeys.some((key) => key.includes(groupBy.key))) {
      throw invalid(`group_by.key '${groupBy.key}' is in no group key of metric ${metric.id}`);
    }
    return { metric, groupBy };
  });
}
