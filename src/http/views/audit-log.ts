import { readExact } from "../../platform/json/exact-json.ts";
import type { AuditLog } from "../../store/audit-logs.ts";

const jsonField = (name: string, text: string | null) =>
  text === null ? {} : { [name]: readExact(text) };

/** A row of the audit log; what it does not have is absent. The last four fields are additions of ours. */
export const toAuditLogView = (log: AuditLog) => ({
  id: log.id,
  timestamp: log.occurredAt,
  actor: log.actor,
  request: {
    id: log.request.id,
    ...(log.request.ip === null ? {} : { ip: log.request.ip }),
    ...(log.request.userAgent === null ? {} : { user_agent: log.request.userAgent }),
  },
  resource_type: log.resourceType,
  ...(log.resourceId === null ? {} : { resource_id: log.resourceId }),
  action: log.action,
  status: log.status,
  description: log.description,
  recorded_at: log.recordedAt,
  ...jsonField("change", log.change),
  ...jsonField("before", log.before),
  ...jsonField("after", log.after),
});
