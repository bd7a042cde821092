import type { DefaultedJson, Generated, InstantColumn, Json, Position } from "../columns.ts";

export interface IntegrationConfigurationsTable {
  id: Generated<string>;
  environment_id: string;
  entity_type: string;
  name: string;
  /** The wire's word for a provider in one of its modes. */
  destination: string;
  provider: string;
  /** null: not connected yet. */
  connection_id: string | null;
  /** Checked settings in the wire's words. */
  options: DefaultedJson<Record<string, unknown>>;
  exclusive_group: string | null;
  enabled: Generated<boolean>;
  disabled_at: InstantColumn | null;
  disabled_reason: string | null;
  /** Errors since the last success. */
  error_count: Generated<number>;
  version: Generated<number>;
  created_at: InstantColumn;
  created_by: string;
  updated_at: InstantColumn;
  updated_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface OrganizationUsersTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  email: string;
  version: Generated<number>;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface IntegrationEventsTable {
  id: string;
  environment_id: string;
  event_name: string;
  event_at: InstantColumn;
  customer_id: string | null;
  configuration_id: string | null;
  run_id: string | null;
  body: Json<Record<string, unknown>>;
  actioned_at: InstantColumn | null;
  actioned_by: string | null;
  position: Position;
}

export interface ExternalMappingsTable {
  id: Generated<string>;
  environment_id: string;
  entity: string;
  entity_id: string;
  external_system: string;
  external_table: string;
  external_id: string;
  /** null: it holds for every configuration that has none of its own. */
  configuration_id: string | null;
  version: Generated<number>;
  created_at: InstantColumn;
  created_by: string;
  updated_at: InstantColumn;
  updated_by: string;
  position: Position;
}

export interface AccountDetailsTable {
  customer_id: string;
  environment_id: string;
  code: string | null;
  email_address: string | null;
  address: DefaultedJson<Record<string, string>>;
  currency: string | null;
  purchase_order_number: string | null;
  days_before_bill_due: number | null;
  /** False: no integration sends this account's bills. */
  sends_bills: Generated<boolean>;
  config_data: DefaultedJson<Record<string, unknown>>;
  version: Generated<number>;
  updated_at: InstantColumn;
  updated_by: string;
  /** null: the customer was not made as an account. */
  created_by: Generated<string | null>;
}

export interface ContractDetailsTable {
  contract_id: string;
  purchase_order_number: string | null;
  version: Generated<number>;
  updated_at: InstantColumn;
  updated_by: string;
}

/** Final invoices that no route took, as long as none does. */
export interface UnroutedInvoicesTable {
  invoice_id: string;
  environment_id: string;
  noted_at: InstantColumn;
  position: Position;
}
