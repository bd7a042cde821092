import type { Decimal } from "../decimal.ts";

/** How a billing provider collects at once: by an invoice that it charges, or by a bare payment. */
export const PAYMENT_METHODS = ["INVOICE", "PAYMENT_INTENT"] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** Tax that the caller computed, in the wire unit of the purchase's currency. */
export interface PrecalculatedTax {
  readonly amount: Decimal;
  /** null: the line is called "Tax". */
  readonly name: string | null;
}

/**
 * What has to happen before a commit may be burned (Metronome docs: "Payment-gated commits").
 * NONE: nothing, it is billed like any other. EXTERNAL: somebody else collects and tells us.
 * PROVIDER: the billing provider collects at once.
 */
export interface PaymentGate {
  readonly type: "NONE" | "EXTERNAL" | "PROVIDER";
  /** Of the billing provider that collects; null unless PROVIDER. */
  readonly provider: string | null;
  readonly method: PaymentMethod;
  /** Goes with the provider's invoice. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The customer is there to confirm the payment. */
  readonly isOnSession: boolean;
  readonly tax: PrecalculatedTax | null;
}

/** A commit that is billed like any other. */
export const NO_GATE: PaymentGate = {
  type: "NONE",
  provider: null,
  method: "INVOICE",
  metadata: {},
  isOnSession: false,
  tax: null,
};
