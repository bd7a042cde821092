import type { CoreTransaction } from "../db/database.ts";
import type { Instant } from "../domain/time.ts";
import { listThresholdCustomers } from "../store/threshold-configurations.ts";
import type { Environment } from "./context.ts";
import { enqueueThresholdEvaluation } from "./request-threshold-evaluation.ts";

/**
 * What usage brings about beside being counted: customers with an enabled threshold are evaluated. One
 * statement for a batch; where nobody has a threshold it looks into an empty index.
 */
export async function followUsage(
  tx: CoreTransaction,
  environment: Pick<Environment, "id" | "name">,
  now: Instant,
  customerRefs: readonly string[],
): Promise<void> {
  // In one order everywhere: two batches that name the same customers must not wait for each other.
  const customers = (await listThresholdCustomers(tx, environment.id, customerRefs)).sort();
  for (const customerId of customers) {
    await enqueueThresholdEvaluation(tx, environment.name, customerId, now);
  }
}
