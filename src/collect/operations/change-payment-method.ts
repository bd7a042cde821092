import type { Address, BillingDetails } from "../db/foundation-tables.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toPaymentMethod } from "../serializers/to-payment-method.ts";
import {
  lockPaymentMethod,
  type PaymentMethodRow,
  updatePaymentMethod,
} from "../store/payment-methods.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";

/** Undefined leaves a detail as it is, null clears it. */
export interface DetailsTerms {
  readonly address?: Address | null | undefined;
  readonly email?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly tax_id?: string | null | undefined;
}

const pick = <T>(given: T | undefined, current: T | undefined): T | null => {
  const value = given === undefined ? current : given;
  return value ?? null;
};

/** Billing details after a change; undefined = there were none. */
export const mergeDetails = (
  current: BillingDetails | undefined,
  given: DetailsTerms,
): BillingDetails => ({
  address: pick(given.address, current?.address),
  email: pick(given.email, current?.email),
  name: pick(given.name, current?.name),
  phone: pick(given.phone, current?.phone),
  tax_id: pick(given.tax_id, current?.tax_id),
});

export interface PaymentMethodTerms {
  readonly expMonth: number | undefined;
  readonly expYear: number | undefined;
  readonly billingDetails: DetailsTerms;
  readonly metadata: Readonly<Record<string, string>> | null | undefined;
  readonly allowRedisplay: "always" | "limited" | "unspecified" | undefined;
}

/** Changes an attached payment method and records `payment_method.updated`. Throws 400 for one of nobody's. */
export async function changePaymentMethod(
  scope: Scope,
  id: string,
  terms: PaymentMethodTerms,
): Promise<PaymentMethodRow> {
  const before = await lockPaymentMethod(scope, id);
  if (before.customer === null) {
    throw refused(
      "invalid_argument",
      "You must save this PaymentMethod to a customer before you can update it.",
    );
  }
  const after = await updatePaymentMethod(scope, id, {
    exp_month: terms.expMonth ?? before.exp_month,
    exp_year: terms.expYear ?? before.exp_year,
    billing_details: JSON.stringify(mergeDetails(before.billing_details, terms.billingDetails)),
    metadata: JSON.stringify(mergeMetadata(before.metadata, terms.metadata)),
    allow_redisplay: terms.allowRedisplay ?? before.allow_redisplay,
  });
  const object = toPaymentMethod(after);
  const previous = previousAttributes(toPaymentMethod(before), object);
  if (previous !== undefined) {
    recordEvent(scope, {
      type: "payment_method.updated",
      object,
      previousAttributes: previous,
    });
  }
  return after;
}
