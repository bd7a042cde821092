import type { CoreTransaction } from "../db/database.ts";
import type { Instant } from "../domain/time.ts";
import { listWatchedCustomers } from "../store/watched-customers.ts";
import type { Environment } from "./context.ts";
import { enqueueEvaluations } from "./request-threshold-evaluation.ts";

/**
 * What usage brings about beside being counted: customers with an enabled threshold or alert are
 * evaluated. One statement for a batch, which looks into empty indexes where nobody is watched, and
 * one more for all who are.
 */
export async function followUsage(
  tx: CoreTransaction,
  environment: Pick<Environment, "id" | "name">,
  now: Instant,
  customerRefs: readonly string[],
): Promise<void> {
  const watched = await listWatchedCustomers(tx, environment.id, customerRefs);
  // In one order everywhere: two batches that name the same customers must not wait for each other.
  watched.sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
  await enqueueEvaluations(tx, watched, { clock: environment.name, trigger: "usage", at: now });
}
