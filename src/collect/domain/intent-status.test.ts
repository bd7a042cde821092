import { expect, test } from "vitest";
import { assertOpen, type IntentStatus } from "./intent-status.ts";

test.each([
  ["requires_payment_method", true],
  ["requires_confirmation", true],
  ["requires_action", true],
  ["succeeded", false],
  ["canceled", false],
] as const satisfies [IntentStatus, boolean][])("a payment that is %s: open %s", (status, open) => {
  for (const action of ["confirm", "cancel"] as const) {
    const call = () => assertOpen(action, status);
    if (open) expect(call).not.toThrow();
    else expect(call).toThrow(`You cannot ${action} this PaymentIntent`);
  }
});
