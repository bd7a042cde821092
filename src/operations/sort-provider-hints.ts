import { instantText } from "../domain/time.ts";
import { TOLD_STATUSES } from "../providers/verified-event.ts";
import { findHintedRuns, type HintedDocument, type HintedRun } from "../store/hinted-runs.ts";
import { updateProviderEventsProcessed } from "../store/provider-events.ts";
import type { OperationContext } from "./context.ts";

export interface ToldHint extends HintedDocument {
  readonly eventId: string;
  /** As VerifiedEvent.told. */
  readonly told: string | undefined;
}

/** What to do with an event: look at its document, wait for the delivery of it to end, nothing. */
export type HintFate = "look" | "wait" | "pass";

const rankOf = (status: string | null | undefined): number =>
  (TOLD_STATUSES as readonly unknown[]).indexOf(status);

/**
 * A delivery causes an event by each of its writes, and looks for itself: they wait until it has ended.
 * What then tells no more of a document than a look found there is passed over. Pure.
 */
export function decideHint(told: string | undefined, run: HintedRun | undefined): HintFate {
  if (run === undefined) return "look";
  if (run.isBeingDelivered) return "wait";
  const [before, known] = [rankOf(told), rankOf(run.externalStatus)];
  return run.status === "SENT" && before >= 0 && before <= known ? "pass" : "look";
}

/** Decides for each of these events, and is done with those that are passed over. */
export async function sortProviderHints(
  ctx: OperationContext,
  hints: readonly ToldHint[],
): Promise<HintFate[]> {
  const runs = await findHintedRuns(ctx.db, ctx.environment.name, hints);
  const fates = hints.map(({ told }, index) => decideHint(told, runs.get(index)));
  const passed = hints.filter((_, index) => fates[index] === "pass");
  if (passed.length > 0) {
    await updateProviderEventsProcessed(ctx.db, passed, instantText(ctx.now));
  }
  return fates;
}
