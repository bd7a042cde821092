import { updateGracePeriodHours } from "../store/environment-settings.ts";
import type { OperationContext } from "./context.ts";

/** Sets the hours between period end and finalization, for periods that have not ended yet. */
export async function setGracePeriod(ctx: OperationContext, hours: number): Promise<void> {
  await updateGracePeriodHours(ctx.db, ctx.environment.id, hours);
}
