import type { CoreDb } from "../db/database.ts";
import { withoutInvoiced } from "../domain/invoices/planned-invoices.ts";
import type { MetricRollups } from "../domain/metering/rollup.ts";
import { distinctWindows } from "../domain/rating/distinct-windows.ts";
import type { InvoiceRequest, RatingSnapshot } from "../domain/rating/snapshot.ts";
import { earlier, type Interval, later } from "../domain/time.ts";
import { listMetrics } from "../store/billable-metrics.ts";
import { getConventions } from "../store/conventions.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import {
  type CustomerTerms,
  catalogueKeysOf,
  loadCatalogue,
  loadContracts,
} from "../store/rating-inputs.ts";
import { listDistinctCounts } from "../store/usage-distinct-counts.ts";
import { listRollups } from "../store/usage-rollups.ts";
import type { OperationContext } from "./context.ts";

/**
 * Everything that rating these invoices of one customer depends on. Requests of contracts that are
 * archived are left out, unless the given terms hold them. Costs hours x groups of the periods asked
 * for, never events. To decide anything on it, read it in one snapshot of the database.
 */
export async function loadRatingSnapshot(
  db: CoreDb,
  ctx: OperationContext,
  customerId: string,
  requests: readonly InvoiceRequest[],
  given?: CustomerTerms,
): Promise<RatingSnapshot> {
  const environmentId = ctx.environment.id;
  const terms = given ?? (await loadOpenTerms(db, customerId));
  const contractIds = terms.contracts.map(({ id }) => id);
  const { rateCards, products, metricIds } = await loadCatalogue(db, catalogueKeysOf(terms));
  const metrics = await listMetrics(db, { environmentId, ids: metricIds, includeArchived: true });
  const known = new Set(contractIds);
  const rated = requests.filter(({ contractId }) => known.has(contractId));
  const snapshot: RatingSnapshot = {
    environmentId,
    customerId,
    now: ctx.now,
    conventions: await getConventions(db, environmentId),
    contracts: terms.contracts,
    rateCards,
    products,
    metrics,
    rollups: await loadRollups(db, environmentId, customerId, metrics, spanOf(rated)),
    distinctCounts: [],
    commits: terms.commits,
    requests: rated,
  };
  const windows = distinctWindows(snapshot);
  if (windows.length === 0) return snapshot;
  const distinctCounts = await listDistinctCounts(db, { environmentId, customerId, windows });
  return { ...snapshot, distinctCounts };
}

/** What is agreed and not archived, less what finalized invoices bill of it already. */
async function loadOpenTerms(db: CoreDb, customerId: string): Promise<CustomerTerms> {
  const agreed = await loadContracts(db, customerId);
  const contractIds = agreed.contracts.map(({ id }) => id);
  return withoutInvoiced(agreed, await listInvoicedItems(db, contractIds));
}

/** From the first period's start to the last one's end; undefined when no metered usage is asked for. */
function spanOf(requests: readonly InvoiceRequest[]): Interval | undefined {
  const periods = requests.flatMap((request) =>
    request.type === "USAGE" && request.stated === undefined ? [request.period] : [],
  );
  const [first] = periods;
  if (first === undefined) return undefined;
  return periods.reduce(
    (span, { start, end }) => ({ start: earlier(span.start, start), end: later(span.end, end) }),
    first,
  );
}

async function loadRollups(
  db: CoreDb,
  environmentId: string,
  customerId: string,
  metrics: readonly { readonly id: string; readonly aggregation: string }[],
  span: Interval | undefined,
): Promise<MetricRollups[]> {
  const metricIds = metrics
    .filter(({ aggregation }) => aggregation !== "UNIQUE")
    .map(({ id }) => id);
  if (span === undefined || metricIds.length === 0) return [];
  const range = { from: span.start, to: span.end };
  const byMetric = await listRollups(db, { environmentId, customerId, metricIds, ...range });
  return [...byMetric].map(([metricId, rows]) => ({ metricId, rows }));
}
