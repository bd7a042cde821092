import { faultPoint } from "../../platform/fault-points.ts";
import type { BatchHandler, JobOutcome } from "../../platform/jobs/job-handler.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import { type CollectContext, inScopes, type Owner } from "../in-scope.ts";
import type { Scope } from "../scope.ts";
import { forEachOwner } from "./for-each-owner.ts";

/** Does `work` for many jobs at once: those of one account and mode in one transaction, side by side. */
export const scopedBatch =
  <Part extends Owner>(
    context: CollectContext,
    readPayload: (job: Job) => Part,
    work: (scope: Scope, part: Part) => Promise<JobOutcome>,
  ): BatchHandler =>
  async (jobs) => {
    const outcomes = await forEachOwner(jobs.map(readPayload), (owner, parts) => {
      const works = parts.map((part) => (scope: Scope) => work(scope, part));
      return inScopes(context, owner, works);
    });
    faultPoint("collect/job/committed");
    return outcomes;
  };
