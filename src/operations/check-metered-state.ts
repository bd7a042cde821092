import { ZERO } from "../domain/decimal.ts";
import type { ProductState } from "../domain/pricing/product-history.ts";
import { invalid } from "../errors.ts";
import { getMetric } from "../store/billable-metrics.ts";
import type { OperationContext } from "./context.ts";

/**
 * Refuses a product whose usage could not be read: the metric must exist, and the properties that
 * the product is priced and presented by must together be one group key of it. `keptMetricId` is
 * one that the product has already: that may be archived.
 */
export async function checkMeteredState(
  ctx: Pick<OperationContext, "db" | "environment">,
  state: ProductState,
  keptMetricId: string | undefined,
): Promise<void> {
  if (state.quantityConversion?.factor.lte(ZERO)) {
    throw invalid("quantity_conversion.conversion_factor must be greater than 0");
  }
  if (state.metricId === null) return;
  const metric = await getMetric(ctx.db, ctx.environment.id, state.metricId);
  if (metric.archivedAt !== undefined && metric.id !== keptMetricId) {
    throw invalid("The billable metric is archived", "billable_metric_id");
  }
  const wanted = new Set([...state.pricingGroupKey, ...state.presentationGroupKey]);
  if (wanted.size === 0) return;
  const fits = metric.groupKeys.some(
    (key) => key.length === wanted.size && key.every((name) => wanted.has(name)),
  );
  if (!fits) {
    throw invalid(
      `pricing_group_key and presentation_group_key together (${[...wanted].join(", ")}) must be one group key of the billable metric`,
      "pricing_group_key",
    );
  }
}
