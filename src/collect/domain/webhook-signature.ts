import { createHmac } from "node:crypto";

/**
 * The `Stripe-Signature` header of a body that goes out at `sentAtSeconds` of real time (Stripe docs:
 * Verify webhook signatures manually).
 */
export function signWebhook(body: string, secret: string, sentAtSeconds: number): string {
  const digest = createHmac("sha256", secret).update(`${sentAtSeconds}.${body}`).digest("hex");
  return `t=${sentAtSeconds},v1=${digest}`;
}
