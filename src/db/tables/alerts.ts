import type {
  AlertType,
  CustomFieldFilter,
  GroupValue,
  SeatFilter,
} from "../../domain/alerts/alert.ts";
import type { AlertStatus } from "../../domain/alerts/decide-crossings.ts";
import type { InvoiceType } from "../../domain/invoices/invoice.ts";
import type {
  Generated,
  InstantColumn,
  Json,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

export interface AlertsTable {
  id: Generated<string>;
  environment_id: string;
  type: AlertType;
  name: string;
  threshold: NumericColumn;
  /** null: every customer of the environment. */
  customer_id: string | null;
  credit_type_id: string | null;
  metric_id: string | null;
  custom_field_filters: Json<CustomFieldFilter[]>;
  group_values: Json<GroupValue[]>;
  invoice_types: NullableJson<InvoiceType[]>;
  seat_filter: NullableJson<SeatFilter>;
  uniqueness_key: string | null;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

/** What led to an alarm. */
export type AlertTrigger = "usage" | "change" | "time";

export interface AlertStatesTable {
  alert_id: string;
  customer_id: string;
  /** Invoice, segment or seat; empty: the customer as a whole. */
  subject: string;
  status: AlertStatus;
  /** How often it was told: the next message's id follows from it. */
  crossings: Generated<number>;
  is_quiet: Generated<boolean>;
  /** null while it is not in alarm. */
  triggered_by: AlertTrigger | null;
  changed_at: InstantColumn;
}
