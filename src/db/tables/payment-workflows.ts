import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import type { PaymentGate } from "../../domain/payments/payment-gate.ts";
import type { PaymentError, WorkflowStatus, WorkflowType } from "../../domain/payments/workflow.ts";
import type {
  Generated,
  InstantColumn,
  Json,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

/** A gate as it is stored: the tax is decimal text. */
export type StoredGate = Omit<PaymentGate, "tax"> & {
  readonly tax: { readonly amount: string; readonly name: string | null } | null;
};

/** An access window that is given when the payment is there. */
export interface PlannedSegment {
  readonly amount: string;
  readonly startingAt: string;
  readonly endingBefore: string;
}

export interface PaymentWorkflowsTable {
  id: string;
  environment_id: string;
  customer_id: string;
  contract_id: string;
  type: WorkflowType;
  status: WorkflowStatus;
  gate: Json<StoredGate>;
  commit_id: string;
  invoice_id: string;
  segments: Json<PlannedSegment[]>;
  /** The provider's id of the payment, once it is known. */
  payment_id: string | null;
  action_required_at: InstantColumn | null;
  error: NullableJson<PaymentError>;
  created_at: InstantColumn;
  settled_at: InstantColumn | null;
  position: Position;
}

/** What commits that a threshold buys are like. */
export interface StoredThresholdCommit {
  readonly productId: string;
  readonly name: string | null;
  readonly description: string | null;
  /** null: as for commits of contracts. */
  readonly priority: string | null;
  readonly applicableProductIds: readonly string[];
  readonly applicableProductTags: readonly string[];
  readonly specifiers: readonly CommitSpecifier[];
}

export interface ThresholdConfigurationsTable {
  contract_id: string;
  type: Exclude<WorkflowType, "manual_commit">;
  environment_id: string;
  customer_id: string;
  is_enabled: boolean;
  /** The pricing unit that amounts are in; null: the contract's currency. */
  custom_credit_type_id: string | null;
  threshold_amount: NumericColumn;
  /** null for spend thresholds. */
  recharge_to_amount: NumericColumn | null;
  payment_fraction: NumericColumn | null;
  commit: Json<StoredThresholdCommit>;
  gate: Json<StoredGate>;
  /** How many purchases it has begun: the next one's id follows from it. */
  workflow_count: Generated<number>;
}
