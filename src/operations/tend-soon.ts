import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { Connection } from "../store/connection.ts";
import type { OperationContext } from "./context.ts";

/** Has the connection looked after now: the one job that it has is brought forward. */
export const tendSoon = (
  db: CoreDb,
  ctx: OperationContext,
  { id }: Pick<Connection, "id">,
): Promise<void> =>
  enqueueJob(db, "core_jobs", {
    clock: ctx.environment.name,
    kind: "tend-connection",
    key: id,
    subject: id,
    payload: { connectionId: id },
    dueAt: instantText(ctx.now),
  });
