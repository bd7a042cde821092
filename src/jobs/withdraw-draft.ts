import { withdrawDraft } from "../operations/withdraw-draft.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { interruption } from "./deliver-invoice.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Takes a draft away at its provider, and comes back to it while the provider is in trouble. */
export const withdrawDraftJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const draft = {
      provider: payloadText(job, "provider"),
      connectionId: payloadText(job, "connectionId"),
      externalId: payloadText(job, "externalId"),
    };
    try {
      await withdrawDraft(ctx, draft);
      return undefined;
    } catch (error) {
      return interruption(ctx, job, error, async (code, message) => {
        const told = { ...draft, code, reason: message };
        ctx.services.logger.warn(told, "a draft was left at its provider; reconciliation finds it");
      });
    }
  };
