import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type {
  PaymentWorkflowsTable,
  PlannedSegment,
  StoredGate,
} from "../db/tables/payment-workflows.ts";
import { dec, toText } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { PaymentGate } from "../domain/payments/payment-gate.ts";
import type { PaymentError, WorkflowStatus, WorkflowType } from "../domain/payments/workflow.ts";
import { notFound } from "../errors.ts";

/** One commit that is paid at once: what is bought, how it is collected, how that stands. */
export interface PaymentWorkflow {
  readonly id: string;
  readonly environmentId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly type: WorkflowType;
  readonly status: WorkflowStatus;
  readonly gate: PaymentGate;
  readonly commitId: string;
  readonly invoiceId: string;
  /** Access that the commit gives when it is paid. */
  readonly segments: readonly PlannedSegment[];
  readonly paymentId: string | null;
  readonly actionRequiredAt: string | null;
  readonly error: PaymentError | null;
  readonly settledAt: string | null;
}

export const toStoredGate = ({ tax, ...gate }: PaymentGate): StoredGate => ({
  ...gate,
  tax: tax && { amount: toText(tax.amount), name: tax.name },
});

export const fromStoredGate = ({ tax, ...gate }: StoredGate): PaymentGate => ({
  ...gate,
  tax: tax && { amount: dec(tax.amount), name: tax.name },
});

const fromRow = (row: Selectable<PaymentWorkflowsTable>): PaymentWorkflow => ({
  id: row.id,
  environmentId: row.environment_id,
  customerId: row.customer_id,
  contractId: row.contract_id,
  type: row.type,
  status: row.status,
  gate: fromStoredGate(row.gate),
  commitId: row.commit_id,
  invoiceId: row.invoice_id,
  segments: row.segments,
  paymentId: row.payment_id,
  actionRequiredAt: row.action_required_at,
  error: row.error,
  settledAt: row.settled_at,
});

export type NewWorkflow = Omit<
  PaymentWorkflow,
  "status" | "paymentId" | "actionRequiredAt" | "error" | "settledAt"
> & { readonly createdAt: string };

/** Adds a workflow whose payment is still to come. A second one with its id is an error. */
export async function insertWorkflow(tx: CoreTransaction, workflow: NewWorkflow): Promise<void> {
  await tx
    .insertInto("payment_workflows")
    .values({
      id: workflow.id,
      environment_id: workflow.environmentId,
      customer_id: workflow.customerId,
      contract_id: workflow.contractId,
      type: workflow.type,
      status: "PENDING",
      gate: JSON.stringify(toStoredGate(workflow.gate)),
      commit_id: workflow.commitId,
      invoice_id: workflow.invoiceId,
      segments: JSON.stringify(workflow.segments),
      created_at: workflow.createdAt,
    })
    .execute();
}

/** The workflow that collects an invoice, or undefined. */
export async function findWorkflowOfInvoice(
  db: CoreDb,
  invoiceId: string,
): Promise<PaymentWorkflow | undefined> {
  const row = await db
    .selectFrom("payment_workflows")
    .selectAll()
    .where("invoice_id", "=", invoiceId)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** A workflow of the environment. Throws not found. */
export async function getWorkflow(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<PaymentWorkflow> {
  const row = await db
    .selectFrom("payment_workflows")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("workflow", id);
  return fromRow(row);
}

/** Holds a workflow until the transaction ends and answers it as it is now. */
export async function lockWorkflow(tx: CoreTransaction, id: string): Promise<PaymentWorkflow> {
  const row = await tx
    .selectFrom("payment_workflows")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** Whether a purchase of this kind is still to be paid for the contract. */
export async function hasOpenWorkflow(
  db: CoreDb,
  contractId: string,
  type: WorkflowType,
): Promise<boolean> {
  const row = await db
    .selectFrom("payment_workflows")
    .select("id")
    .where("contract_id", "=", contractId)
    .where("type", "=", type)
    .where("status", "in", ["PENDING", "CANCELING"])
    .executeTakeFirst();
  return row !== undefined;
}

export interface WorkflowChanges {
  readonly status?: WorkflowStatus;
  readonly paymentId?: string;
  readonly actionRequiredAt?: string;
  readonly error?: PaymentError;
  readonly settledAt?: string;
}

/** Changes the given facts of a locked workflow and leaves the others. */
export async function updateWorkflow(
  tx: CoreTransaction,
  id: string,
  { status, paymentId, actionRequiredAt, error, settledAt }: WorkflowChanges,
): Promise<void> {
  const set = {
    ...(status === undefined ? {} : { status }),
    ...(paymentId === undefined ? {} : { payment_id: paymentId }),
    ...(actionRequiredAt === undefined ? {} : { action_required_at: actionRequiredAt }),
    ...(error === undefined ? {} : { error: JSON.stringify(error) }),
    ...(settledAt === undefined ? {} : { settled_at: settledAt }),
  };
  if (Object.keys(set).length === 0) return;
  await tx.updateTable("payment_workflows").set(set).where("id", "=", id).execute();
}

/** Gives a paid commit its access. Their ids follow from the workflow: nothing is granted twice. */
export async function insertReleasedSegments(
  tx: CoreTransaction,
  { id, commitId, segments }: PaymentWorkflow,
): Promise<void> {
  await tx
    .insertInto("commit_segments")
    .values(
      segments.map((segment, n) => ({
        id: uuidV5(id, `segment/${n}`),
        commit_id: commitId,
        amount: segment.amount,
        starting_at: segment.startingAt,
        ending_before: segment.endingBefore,
      })),
    )
    .execute();
}
