import { type CollectError, refused } from "../errors.ts";

export type InvoiceStatus = "draft" | "open" | "paid" | "uncollectible" | "void";

/** Everything that depends on the state of an invoice. */
export type InvoiceAction =
  | "edit"
  | "delete"
  | "finalize"
  | "pay"
  | "send"
  | "void"
  | "mark_uncollectible";

interface Rule {
  readonly from: readonly InvoiceStatus[];
  readonly code: "invoice_not_editable" | "status_transition_invalid";
  refusal(status: InvoiceStatus): string;
}

/**
 * Which calls each state takes (Stripe docs: Invoice status transitions). A draft is finalized on the
 * way when it is paid or sent; paid and void are final.
 */
const RULES: Readonly<Record<InvoiceAction, Rule>> = {
  edit: {
    from: ["draft"],
    code: "invoice_not_editable",
    refusal: (status) => `Only draft invoices can be changed; this invoice is ${status}.`,
  },
  delete: {
    from: ["draft"],
    code: "invoice_not_editable",
    refusal: (status) => `You can only delete draft invoices; this invoice is ${status}.`,
  },
  finalize: {
    from: ["draft"],
    code: "invoice_not_editable",
    refusal: () => "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
  },
  pay: {
    from: ["draft", "open", "uncollectible"],
    code: "status_transition_invalid",
    refusal: (status) =>
      status === "paid"
        ? "Invoice is already paid"
        : `This invoice can't be paid because it is ${status}.`,
  },
  send: {
    from: ["draft", "open", "paid"],
    code: "status_transition_invalid",
    refusal: (status) =>
      `You can only send draft, open and paid invoices; this invoice is ${status}.`,
  },
  void: {
    from: ["open", "uncollectible"],
    code: "status_transition_invalid",
    refusal: (status) =>
      `You can only void open and uncollectible invoices; this invoice is ${status}.`,
  },
  mark_uncollectible: {
    from: ["open"],
    code: "status_transition_invalid",
    refusal: (status) =>
      `You can only mark open invoices as uncollectible; this invoice is ${status}.`,
  },
};

/** Why the call cannot be made in this state, or undefined when it can. */
export function refusalOf(action: InvoiceAction, status: InvoiceStatus): CollectError | undefined {
  const rule = RULES[action];
  if (rule.from.includes(status)) return undefined;
  return refused(rule.code, rule.refusal(status));
}

/** Throws 400 when the call cannot be made in this state. */
export function assertAllowed(action: InvoiceAction, status: InvoiceStatus): void {
  const refusal = refusalOf(action, status);
  if (refusal !== undefined) throw refusal;
}
