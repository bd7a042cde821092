import type { CoreDb } from "../db/database.ts";

/** The metric by which each of these products is counted now, by product; some have none. */
export async function listProductMetrics(
  db: CoreDb,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (productIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("product_versions")
    .distinctOn("product_id")
    .select(["product_id", "billable_metric_id"])
    .where("product_id", "in", [...new Set(productIds)])
    .orderBy("product_id")
    .orderBy("starting_at", (order) => order.desc().nullsLast())
    .execute();
  return new Map(
    rows.flatMap(({ product_id: id, billable_metric_id: metric }) =>
      metric === null ? [] : [[id, metric] as const],
    ),
  );
}
