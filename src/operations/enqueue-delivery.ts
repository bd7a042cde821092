import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { OperationContext } from "./context.ts";
import { findRunResource } from "./find-payer-resource.ts";

/** 15 seconds to an hour apart: most of a day, within which a provider knows our keys. */
const MAX_ATTEMPTS = 24;

/**
 * Lets a worker deliver a run, after whatever else is due for this customer, and never at the same time
 * as another delivery to its payer.
 */
export const enqueueDelivery = async (
  tx: CoreTransaction,
  ctx: OperationContext,
  runId: string,
  customerId: string,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "deliver-invoice",
    key: runId,
    subject: customerId,
    resource: await findRunResource(tx, ctx, runId),
    payload: { runId },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });
