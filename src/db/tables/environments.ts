import type { Conventions } from "../../domain/conventions.ts";
import type { FinalizationPolicy, LateUsagePolicy } from "../../domain/invoices/policies.ts";
import type { DefaultedInstant, Generated, InstantColumn, NullableJson } from "../columns.ts";

export interface EnvironmentsTable {
  id: Generated<string>;
  name: "PRODUCTION" | "SANDBOX";
  client_id: Generated<string>;
  org_id: Generated<string>;
  grace_period_hours: Generated<number>;
  finalization: Generated<FinalizationPolicy>;
  late_usage: Generated<LateUsagePolicy>;
  webhook_secret: string | null;
  created_at: DefaultedInstant;
  period_end: Generated<ConventionColumns["period_end"]>;
  proration_basis: Generated<ConventionColumns["proration_basis"]>;
  zero_usage_tier_fee: Generated<ConventionColumns["zero_usage_tier_fee"]>;
  tier_bound: Generated<ConventionColumns["tier_bound"]>;
  rounding_mode: Generated<ConventionColumns["rounding_mode"]>;
  invoice_rounding: Generated<ConventionColumns["invoice_rounding"]>;
  /** Whether any notification of lifecycle events is on. */
  tells_lifecycle: Generated<boolean>;
  seller: NullableJson<Partial<SellerColumns>>;
}

/** The seller under the names of the settings; what is not told is absent. */
export interface SellerColumns {
  name: string;
  address_lines: readonly string[];
  tax_id: string;
  email: string;
  /** A PNG or JPEG as a data: URL. */
  logo: string;
}

/** Conventions under the names they have in the database and on the wire. */
export interface ConventionColumns {
  period_end: Conventions["periodEnd"];
  proration_basis: Conventions["prorationBasis"];
  zero_usage_tier_fee: Conventions["zeroUsageTierFee"];
  tier_bound: Conventions["tierBound"];
  rounding_mode: Conventions["roundingMode"];
  invoice_rounding: Conventions["invoiceRounding"];
}

export interface ApiTokensTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  token_hash: Buffer;
  created_at: DefaultedInstant;
  revoked_at: InstantColumn | null;
}

export interface IdempotentRequestsTable {
  environment_id: string;
  key: string;
  request_hash: string;
  status: number;
  body: string;
  created_at: DefaultedInstant;
}
