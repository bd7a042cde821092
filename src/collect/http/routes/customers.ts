import { missing } from "../../errors.ts";
import { deleteCustomer } from "../../operations/delete-customer.ts";
import { deleteCustomerDiscount } from "../../operations/discounts/delete-discount.ts";
import {
  type CustomerTerms,
  changeCustomerTerms,
  createCustomer,
} from "../../operations/save-customer.ts";
import type { Scope } from "../../scope.ts";
import { toCustomer, toCustomerOrDeleted } from "../../serializers/to-customer.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toPaymentMethod } from "../../serializers/to-payment-method.ts";
import {
  getCustomer,
  listCustomers,
  listCustomersById,
  searchCustomers,
} from "../../store/customers.ts";
import { findPaymentMethod, listPaymentMethods } from "../../store/payment-methods.ts";
import { addressParams, mapGiven, toAddress } from "../contact-params.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  amount,
  choice,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  pattern,
  range,
  text,
  unsettable,
} from "../params.ts";
import type { Resource } from "../resource.ts";
import { searchEndpoint } from "../search.ts";

const contact = {
  address: optional(unsettable(addressParams())),
  balance: optional(amount()),
  coupon: optional(unsettable(objectId())),
  description: optional(unsettable(text())),
  email: optional(unsettable(text(512))),
  invoice_prefix: optional(pattern(/^[A-Z0-9]{3,12}$/, "3 to 12 upper-case letters or digits")),
  invoice_settings: optional(
    hash({
      custom_fields: optional(unsettable(listOf(hash({ name: text(40), value: text(140) }), 4))),
      default_payment_method: optional(unsettable(objectId())),
      footer: optional(unsettable(text())),
    }),
  ),
  metadata: optional(metadata()),
  name: optional(unsettable(text(256))),
  next_invoice_sequence: optional(integer(1, 999_999_999)),
  phone: optional(unsettable(text(20))),
  preferred_locales: optional(listOf(text(20))),
  shipping: optional(
    unsettable(
      hash({ address: addressParams(), name: text(), phone: optional(unsettable(text(20))) }),
    ),
  ),
  tax_exempt: optional(unsettable(choice("none", "exempt", "reverse"))),
};
const creation = {
  ...contact,
  payment_method: optional(objectId()),
  test_clock: optional(objectId()),
};

const toTerms = (params: ParamsOf<typeof creation>): CustomerTerms => ({
  email: params.email,
  name: params.name,
  phone: params.phone,
  description: params.description,
  address: mapGiven(params.address, toAddress),
  shipping: mapGiven(params.shipping, ({ address, name, phone }) => ({
    address: toAddress(address),
    name,
    phone: phone ?? null,
  })),
  metadata: params.metadata,
  preferredLocales: params.preferred_locales,
  taxExempt: params.tax_exempt,
  invoicePrefix: params.invoice_prefix,
  nextInvoiceSequence: params.next_invoice_sequence,
  footer: params.invoice_settings?.footer,
  customFields: params.invoice_settings?.custom_fields,
  defaultPaymentMethod: params.invoice_settings?.default_payment_method,
  paymentMethod: params.payment_method,
  balanceMinor: params.balance,
  coupon: params.coupon,
});

export const customerResource: Resource = {
  object: "customer",
  references: {
    "invoice_settings.default_payment_method": "payment_method",
    test_clock: "test_helpers.test_clock",
  },
  parts: { discount: "discount" },
  async load(scope, ids) {
    const rows = await listCustomersById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toCustomerOrDeleted(row)]));
  },
};

/** A clock that was named and that the request is not on does not exist. */
function assertOnClock(scope: Scope, named: string | undefined): void {
  if (named === undefined || scope.clock === named) return;
  throw missing("test_clock", named, "test_clock");
}

export const customerEndpoints = [
  endpoint({
    method: "DELETE",
    path: "/v1/customers/:customer/discount",
    params: {},
    returns: "discount",
    handler: async ({ scope, path }) => deleteCustomerDiscount(scope, path.customer),
  }),
  endpoint({
    method: "POST",
    path: "/v1/customers",
    params: creation,
    returns: "customer",
    handler: async ({ scope, params }) => {
      assertOnClock(scope, params.test_clock);
      return toCustomer(await createCustomer(scope, toTerms(params)));
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/customers",
    params: {
      ...paging,
      created: optional(range()),
      email: optional(text(512)),
      test_clock: optional(objectId()),
    },
    returns: { listOf: "customer" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const page = await listCustomers(scope, query, {
        email: params.email,
        testClock: params.test_clock,
      });
      return toList("/v1/customers", page, toCustomer);
    },
  }),
  searchEndpoint("/v1/customers/search", "customer", searchCustomers, (_scope, rows) =>
    rows.map(toCustomer),
  ),
  endpoint({
    method: "GET",
    path: "/v1/customers/:customer",
    params: {},
    returns: "customer",
    handler: async ({ scope, path }) =>
      toCustomerOrDeleted(await getCustomer(scope, path.customer)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/customers/:customer",
    params: contact,
    returns: "customer",
    handler: async ({ scope, path, params }) =>
      toCustomer(await changeCustomerTerms(scope, path.customer, toTerms(params))),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/customers/:customer",
    params: {},
    returns: "customer",
    handler: async ({ scope, path }) => {
      await deleteCustomer(scope, path.customer);
      return toDeleted(path.customer, "customer");
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/customers/:customer/payment_methods",
    params: { ...paging, type: optional(choice("card")) },
    returns: { listOf: "payment_method" },
    handler: async ({ scope, path, params }) => {
      const customer = await getCustomer(scope, path.customer);
      const page = await listPaymentMethods(scope, toPageQuery(params), customer.id);
      return toList(`/v1/customers/${customer.id}/payment_methods`, page, toPaymentMethod);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/customers/:customer/payment_methods/:method",
    params: {},
    returns: "payment_method",
    handler: async ({ scope, path }) => {
      const method = await findPaymentMethod(scope, path.method);
      if (method?.customer !== path.customer) throw missing("PaymentMethod", path.method);
      return toPaymentMethod(method);
    },
  }),
];
