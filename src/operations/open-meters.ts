import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { nextWindowEnd } from "../domain/usage-reports/usage-report.ts";
import { enqueueJobs } from "../platform/jobs/enqueue.ts";
import type { BillingConfiguration } from "../store/billing-configurations.ts";
import { insertMeters } from "../store/usage-meters.ts";
import type { OperationContext } from "./context.ts";

/** Lets what goes over these configurations be reported each hour, where their provider takes usage. */
export async function openMeters(
  tx: CoreTransaction,
  ctx: OperationContext,
  configurations: readonly BillingConfiguration[],
): Promise<void> {
  const metered = configurations.filter(({ billingProvider }) =>
    Object.hasOwn(ctx.services.usageReporters, billingProvider),
  );
  await insertMeters(
    tx,
    ctx.environment.id,
    metered.map(({ id, customerId, billingProvider }) => ({
      configurationId: id,
      customerId,
      provider: billingProvider,
    })),
  );
  await enqueueJobs(
    tx,
    "core_jobs",
    metered.map(({ id, customerId }) => ({
      clock: ctx.environment.name,
      kind: "plan-usage-report",
      key: id,
      subject: customerId,
      payload: { configurationId: id },
      dueAt: instantText(nextWindowEnd(ctx.now)),
    })),
  );
}
