import type { ColumnType } from "kysely";
import type { DefaultedInstant, Generated, InstantColumn, Position } from "../columns.ts";

/** json that is read and written as its text, so that numbers keep their digits. */
type JsonText = ColumnType<unknown, string | null, never>;

/** Rows are only added: a trigger refuses to change or delete one. */
export interface AuditLogsTable {
  id: Generated<string>;
  environment_id: string;
  /** By the environment's clock. */
  occurred_at: InstantColumn;
  /** By the machine's clock. */
  recorded_at: DefaultedInstant;
  actor_id: string;
  actor_name: string;
  request_id: string;
  ip: string | null;
  user_agent: string | null;
  action: string;
  resource_type: string;
  resource_id: string | null;
  status: AuditStatus;
  description: string;
  /** What was asked for: the body of the request without secrets. */
  change: JsonText;
  before: JsonText;
  after: JsonText;
  /** Order of recording. */
  position: Position;
}

export type AuditStatus = "success" | "failure" | "pending";
