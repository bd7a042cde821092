import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";

type Described = NonNullable<FastifyDynamicSwaggerOptions["openapi"]>;
type Webhooks = NonNullable<Extract<Described, { webhooks?: object }>["webhooks"]>;

const INVOICE = "d23458e0-c9a0-4538-8e81-251835b9f57a";
const CUSTOMER = "e0ac4251-74f7-4040-a1bd-9d0ef0fbc5bc";

/** What is sent to webhook endpoints when an invoice is final: the trigger of whoever fetches invoices. */
export const FINALIZED_WEBHOOK: Webhooks[string] = {
  post: {
    operationId: "onInvoiceFinalized",
    summary: "An invoice is final; fetch it by its id",
    tags: ["webhooks"],
    security: [],
    requestBody: {
      content: {
        "application/json": {
          schema: {
            type: "object",
            required: ["id", "type", "properties"],
            properties: {
              id: { type: "string", format: "uuid" },
              type: { type: "string", const: "invoice.finalized" },
              properties: {
                type: "object",
                required: ["invoice_id", "customer_id", "invoice_finalized_date"],
                properties: {
                  invoice_id: { type: "string", format: "uuid" },
                  customer_id: { type: "string", format: "uuid" },
                  invoice_finalized_date: { type: "string", format: "date-time" },
                },
              },
            },
          },
          example: {
            id: "f4988a54-effe-49a2-9a07-8adfedb7541c",
            type: "invoice.finalized",
            properties: {
              invoice_id: INVOICE,
              customer_id: CUSTOMER,
              invoice_finalized_date: "2024-02-02T00:00:00Z",
            },
          },
        },
      },
    },
    responses: { "2XX": { description: "Taken" } },
  },
};

/** The body of a write-back, as docs/any-system.md has it. */
export const WRITE_BACK_EXAMPLE = {
  external_id: "INV-2024-17",
  status: "FINALIZED",
  total: 2034,
  issued_at: "2024-02-02T00:00:00Z",
  due_date: "2024-03-03",
  url: "https://erp.example.com/invoices/INV-2024-17",
};

/** What examples show a value of, and is null where there is none. */
export const MAY_BE_NULL: ReadonlySet<string> = new Set(["external_invoice", "write_back_due_at"]);

/** Replies, by operation, for tools that learn fields from an example. */
export const REPLY_EXAMPLES: Readonly<Record<string, unknown>> = {
  getCustomerInvoice: {
    data: {
      id: INVOICE,
      customer_id: CUSTOMER,
      contract_id: "5f1c1a2e-3f0a-4c55-9f6b-0a8b5b6f3d10",
      type: "USAGE",
      status: "FINALIZED",
      credit_type: { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" },
      start_timestamp: "2024-01-01T00:00:00Z",
      end_timestamp: "2024-02-01T00:00:00Z",
      issued_at: "2024-02-02T00:00:00Z",
      subtotal: 2033.633,
      total: 2033.633,
      line_items: [
        {
          name: "Tokens",
          type: "usage",
          quantity: 1000,
          unit_price: 2,
          total: 2000,
          product_id: "0a3c8c1e-6f52-4a7a-9a4e-2d1f0f4f1c77",
          starting_at: "2024-01-01T00:00:00Z",
          ending_before: "2024-02-01T00:00:00Z",
        },
        {
          name: "Calls",
          type: "usage",
          quantity: 101,
          unit_price: 0.333,
          total: 33.633,
          product_id: "f0e5b5d4-9f0c-4f36-8d8a-5b7a86a1c2d3",
          starting_at: "2024-01-01T00:00:00Z",
          ending_before: "2024-02-01T00:00:00Z",
        },
      ],
      conventions: { rounding_mode: "half_away_from_zero", invoice_rounding: "sum_then_round" },
      external_invoice: { billing_provider_type: "custom", external_status: "QUEUED" },
      customer_custom_fields: {},
    },
  },
  setInvoiceExternalInvoice: {
    data: {
      invoice_id: INVOICE,
      applied: true,
      external_invoice: {
        billing_provider_type: "custom",
        invoice_id: "INV-2024-17",
        issued_at_timestamp: "2024-02-02T00:00:00Z",
        external_status: "FINALIZED",
        invoiced_total: 2034,
        url: "https://erp.example.com/invoices/INV-2024-17",
        due_date: "2024-03-03",
      },
    },
  },
  getRuns: {
    data: [
      {
        id: "c3a0cbd1-6a53-4a0e-8f5e-6c1b6a0d7f11",
        invoice_id: INVOICE,
        customer_id: CUSTOMER,
        provider: "custom",
        status: "QUEUED",
        write_back_due_at: "2024-02-03T00:00:00Z",
      },
    ],
    next_page: null,
  },
};
