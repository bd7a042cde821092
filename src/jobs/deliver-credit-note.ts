import { deliverCreditNote, failNoteDelivery } from "../operations/deliver-credit-note.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { interruption } from "./deliver-invoice.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Delivers a credit note, and comes back to it while the provider is in trouble. */
export const deliverCreditNoteJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const route = {
      creditNoteId: payloadText(job, "creditNoteId"),
      runId: payloadText(job, "runId"),
    };
    try {
      await deliverCreditNote(ctx, route);
      return undefined;
    } catch (error) {
      return interruption(ctx, job, error, (code, message) =>
        failNoteDelivery(ctx, route, { code, message }),
      );
    }
  };
