import { randomInt } from "node:crypto";
import type { Address, CustomField, Shipping } from "../db/foundation-tables.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toCustomer } from "../serializers/to-customer.ts";
import {
  type CustomerChanges,
  type CustomerRow,
  insertCustomer,
  lockCustomer,
  updateCustomer,
} from "../store/customers.ts";
import { adjustBalance } from "./adjust-balance.ts";
import { attachPaymentMethod } from "./attach-payment-method.ts";
import { changeCustomer } from "./change-customer.ts";
import { setCustomerCoupon } from "./discounts/set-customer-coupon.ts";
import { requireAttached } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";

/** What a request says about a customer: undefined leaves a thing as it is, null clears it. */
export interface CustomerTerms {
  readonly email?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly address?: Address | null | undefined;
  readonly shipping?: Shipping | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly preferredLocales?: readonly string[] | undefined;
  readonly taxExempt?: "none" | "exempt" | "reverse" | null | undefined;
  readonly invoicePrefix?: string | undefined;
  readonly nextInvoiceSequence?: number | undefined;
  readonly footer?: string | null | undefined;
  readonly customFields?: readonly CustomField[] | null | undefined;
  readonly defaultPaymentMethod?: string | null | undefined;
  /** A payment method to attach. */
  readonly paymentMethod?: string | undefined;
  /** The new balance in minor units; the difference becomes a balance transaction. */
  readonly balanceMinor?: bigint | undefined;
  /** A coupon for all that they are billed. */
  readonly coupon?: string | null | undefined;
}

const PREFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const PREFIX_LENGTH = 8;
/** The currency of a balance that is set before anything was billed. */
const DEFAULT_CURRENCY = "usd";

const newPrefix = (): string =>
  Array.from({ length: PREFIX_LENGTH }, () =>
    PREFIX_ALPHABET.charAt(randomInt(PREFIX_ALPHABET.length)),
  ).join("");

/** The columns that the given terms change. */
function toColumns(terms: CustomerTerms, current: CustomerRow): CustomerChanges {
  const given = <T>(name: string, value: T | undefined) =>
    value === undefined ? {} : { [name]: value };
  const json = (name: string, value: unknown) =>
    value === undefined ? {} : { [name]: JSON.stringify(value) };
  return {
    ...given("email", terms.email),
    ...given("name", terms.name),
    ...given("phone", terms.phone),
    ...given("description", terms.description),
    ...json("address", terms.address),
    ...json("shipping", terms.shipping),
    ...json(
      "metadata",
      terms.metadata === undefined ? undefined : mergeMetadata(current.metadata, terms.metadata),
    ),
    ...json("preferred_locales", terms.preferredLocales),
    ...given("tax_exempt", terms.taxExempt === null ? "none" : terms.taxExempt),
    ...given("invoice_prefix", terms.invoicePrefix),
    ...given("next_invoice_sequence", terms.nextInvoiceSequence),
    ...given("invoice_footer", terms.footer),
    ...json("invoice_custom_fields", terms.customFields),
  };
}

/** The default that a request asks for, which must be attached to this customer. */
async function resolveDefault(
  scope: Scope,
  customer: CustomerRow,
  terms: CustomerTerms,
): Promise<CustomerChanges> {
  const attached =
    terms.paymentMethod === undefined
      ? undefined
      : await attachPaymentMethod(scope, customer, terms.paymentMethod, "payment_method");
  const wanted = terms.defaultPaymentMethod;
  if (wanted === undefined) return {};
  if (wanted === null) return { default_payment_method: null };
  // A request may name the canonical test card twice and mean the one it attaches.
  if (wanted === terms.paymentMethod && attached !== undefined) {
    return { default_payment_method: attached.id };
  }
  const param = "invoice_settings[default_payment_method]";
  const method = await requireAttached(scope, customer.id, wanted, param);
  return { default_payment_method: method.id };
}

async function setBalance(
  scope: Scope,
  customer: CustomerRow,
  terms: CustomerTerms,
  type: "adjustment" | "initial",
): Promise<CustomerRow> {
  const { balanceMinor = customer.balance_minor } = terms;
  const amountMinor = balanceMinor - customer.balance_minor;
  if (amountMinor === 0n) return customer;
  const currency = customer.currency ?? DEFAULT_CURRENCY;
  return (await adjustBalance(scope, customer, { amountMinor, currency, type })).customer;
}

const setCoupon = async (
  scope: Scope,
  customer: CustomerRow,
  { coupon }: CustomerTerms,
): Promise<CustomerRow> =>
  coupon === undefined ? customer : setCustomerCoupon(scope, customer, coupon);

/** Makes a customer, with the payment method and the balance that the request gives them. */
export async function createCustomer(scope: Scope, terms: CustomerTerms): Promise<CustomerRow> {
  const blank = await insertCustomer(scope, {
    id: newId("cus"),
    currency: null,
    email: null,
    name: null,
    phone: null,
    description: null,
    address: "null",
    shipping: "null",
    metadata: "{}",
    preferred_locales: "[]",
    tax_exempt: "none",
    default_payment_method: null,
    invoice_footer: null,
    invoice_custom_fields: "null",
    invoice_prefix: terms.invoicePrefix ?? newPrefix(),
  });
  const columns = toColumns(terms, blank);
  const customer =
    Object.keys(columns).length === 0 ? blank : await updateCustomer(scope, blank.id, columns);
  recordEvent(scope, { type: "customer.created", object: toCustomer(customer) });
  const changed = await changeCustomer(
    scope,
    customer,
    await resolveDefault(scope, customer, terms),
  );
  return setBalance(scope, await setCoupon(scope, changed, terms), terms, "initial");
}

/** Changes what the request names. Throws 404 for an unknown or deleted customer. */
export async function changeCustomerTerms(
  scope: Scope,
  id: string,
  terms: CustomerTerms,
): Promise<CustomerRow> {
  const customer = await lockCustomer(scope, id);
  const changed = await changeCustomer(scope, customer, {
    ...toColumns(terms, customer),
    ...(await resolveDefault(scope, customer, terms)),
  });
  return setBalance(scope, await setCoupon(scope, changed, terms), terms, "adjustment");
}
