import type { PaymentGate } from "../../domain/payments/payment-gate.ts";
import { present } from "./commit.ts";

/** A gate as the API shows it. */
export function toPaymentGateView({ type, method, metadata, isOnSession, tax }: PaymentGate) {
  return {
    payment_gate_type: type === "PROVIDER" ? "STRIPE" : type,
    tax_type: tax === null ? "NONE" : "PRECALCULATED",
    ...(type !== "PROVIDER"
      ? {}
      : {
          stripe_config: {
            payment_type: method,
            ...(Object.keys(metadata).length === 0 ? {} : { invoice_metadata: metadata }),
            on_session_payment: isOnSession,
          },
        }),
    ...(tax === null
      ? {}
      : {
          precalculated_tax_config: {
            tax_amount: tax.amount,
            ...present({ tax_name: tax.name }),
          },
        }),
  };
}
