import { instantText } from "../domain/time.ts";
import { insertAuditLog, type NewAuditLog } from "../store/audit-logs.ts";
import type { OperationContext } from "./context.ts";

/** What is told of a write; whose and when it was follows from its context. */
export interface WriteRecord extends Omit<NewAuditLog, "environmentId" | "occurredAt" | "actor"> {
  /** Of the token. */
  readonly actorId: string;
}

/** Adds a write to the audit log, in the transaction of the write when the context holds one. */
export const recordWrite = (
  { db, environment, now, actor }: OperationContext,
  { actorId, ...record }: WriteRecord,
): Promise<void> =>
  insertAuditLog(db, {
    ...record,
    environmentId: environment.id,
    occurredAt: instantText(now),
    actor: { id: actorId, name: actor },
  });
