/** Why there is a payment: a commit somebody added, or a threshold that was reached. */
export const WORKFLOW_TYPES = [
  "manual_commit",
  "prepaid_balance_threshold",
  "spend_threshold",
] as const;
export type WorkflowType = (typeof WORKFLOW_TYPES)[number];

/**
 * PENDING: the payment is asked for. CANCELING: it failed, and what stands at the provider is being
 * taken back. PAID and FAILED are final.
 */
export type WorkflowStatus = "PENDING" | "CANCELING" | "PAID" | "FAILED";

/** Why a payment failed, in the provider's words. */
export interface PaymentError {
  readonly type: string | null;
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly message: string;
}

/** What is known of a payment, wherever it is made. */
export interface SeenPayment {
  /**
   * `paid`: the money is there. `declined`: it was tried in vain and could be tried again.
   * `needs_action`: only the payer in person can go on. `closed`: nothing stands that could still be
   * paid. `open`: nothing is decided.
   */
  readonly state: "paid" | "declined" | "needs_action" | "closed" | "open";
  readonly paymentId: string | null;
  readonly error: PaymentError | null;
}

/**
 * What a look at the payment means for the workflow. `release`: the commit may be burned. `cancel`:
 * take back what stands at the provider first, since it could still be paid. `fail`: there will be no
 * commit. `ask`: tell that the payer must act. `wait`: nothing changes.
 */
export type WorkflowDecision = "release" | "cancel" | "fail" | "ask" | "wait";

/**
 * Decides by the newest look; what still stands while it is being taken back is taken back once more,
 * since that look may have crossed with the decision. Money that arrives late, while the failed payment is being taken back,
 * still releases the commit: it never vanishes. Nothing moves a workflow that has ended.
 */
export function decideWorkflow(
  status: WorkflowStatus,
  { state }: Pick<SeenPayment, "state">,
): WorkflowDecision {
  if (status === "PAID" || status === "FAILED") return "wait";
  if (state === "paid") return "release";
  if (state === "closed") return "fail";
  if (state === "declined") return "cancel";
  if (status === "CANCELING") return state === "needs_action" ? "cancel" : "wait";
  return state === "needs_action" ? "ask" : "wait";
}

/** What a provider tells of the payment of a document, beside the document's status. */
export interface ExternalPayment {
  readonly paymentId: string | null;
  readonly needsAction: boolean;
  readonly error: PaymentError | null;
}

const STATES: Readonly<Record<string, SeenPayment["state"]>> = {
  PAID: "paid",
  PAYMENT_FAILED: "declined",
  // Nobody tries any more, but it could still be paid.
  UNCOLLECTIBLE: "declined",
  VOID: "closed",
  DELETED: "closed",
  SKIPPED: "closed",
};

/** The payment behind a document at the provider, by the document's status in our words. */
export function toSeenPayment(
  status: string | null,
  payment: ExternalPayment | undefined,
): SeenPayment {
  const state = STATES[status ?? ""] ?? "open";
  return {
    state: state === "declined" && payment?.needsAction === true ? "needs_action" : state,
    paymentId: payment?.paymentId ?? null,
    error: payment?.error ?? null,
  };
}
