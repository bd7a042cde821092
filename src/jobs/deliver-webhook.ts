import { Temporal } from "../domain/time.ts";
import { deliverWebhook } from "../operations/deliver-webhook.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Makes one try of one webhook delivery; a failed one comes back when its next try is due. */
export const deliverWebhookJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const deliveryId = payloadText(job, "deliveryId");
    const again = await deliverWebhook(ctx, deliveryId, Temporal.Now.instant());
    return again && { outcome: "retry", ...again };
  };
