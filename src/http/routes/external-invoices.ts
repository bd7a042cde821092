import { Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { WRITTEN_STATUSES } from "../../domain/invoices/write-back.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { writeBackInvoice } from "../../operations/write-back-invoice.ts";
import { listExternalInvoices } from "../../store/external-invoices.ts";
import { getInvoice } from "../../store/invoices.ts";
import { WRITE_BACK_EXAMPLE } from "../openapi-examples.ts";
import { DateField, readDate } from "../organization/date-field.ts";
import { operationOf } from "../request-context.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toExternalInvoiceView } from "../views/external-invoice-view.ts";

/** Minor units of any currency that a JSON number can hold. */
const AmountField = () => DecimalField({ minimum: "-9000000000000", maximum: "9000000000000" });
const LinkField = () => TextField({ max: 2000 });

/** An address that a browser opens; null: none was given. Throws invalid, naming the field. */
function readLink(given: string | undefined, field: string): string | null {
  if (given === undefined) return null;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw invalid(`${field} must be an http or https address`, field);
}

const WriteBackBody = Object.assign(
  ObjectField({
    status: EnumField(WRITTEN_STATUSES),
    external_id: Type.Optional(TextField({ max: 255 })),
    occurred_at: Type.Optional(InstantField()),
    issued_at: Type.Optional(InstantField()),
    due_date: Type.Optional(DateField()),
    total: Type.Optional(AmountField()),
    tax: Type.Optional(AmountField()),
    url: Type.Optional(LinkField()),
    pdf_url: Type.Optional(LinkField()),
    error: Type.Optional(TextField({ max: 2000 })),
  }),
  { examples: [WRITE_BACK_EXAMPLE] },
);

/** Systems that fetch invoices by themselves say here what became of them. */
export function addExternalInvoiceRoutes(http: CoreServer): void {
  http.route({
    method: "PUT",
    url: "/v1/invoices/:id/external-invoice",
    schema: {
      tags: ["invoices"],
      summary: "Write back what became of an invoice at a system that fetched it",
      params: ObjectField({ id: IdField() }),
      body: WriteBackBody,
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { id } = request.params;
      const { body } = request;
      const applied = await writeBackInvoice(ctx, id, {
        status: body.status,
        externalId: body.external_id ?? null,
        error: body.error ?? null,
        occurredAt: body.occurred_at === undefined ? null : instant(body.occurred_at),
        issuedAt: body.issued_at ?? null,
        dueDate: readDate(body.due_date, "due_date") ?? null,
        total: body.total === undefined ? null : dec(body.total),
        tax: body.tax === undefined ? null : dec(body.tax),
        url: readLink(body.url, "url"),
        pdfUrl: readLink(body.pdf_url, "pdf_url"),
      });
      const { creditTypeId } = await getInvoice(ctx.db, ctx.environment.id, id);
      const external = (await listExternalInvoices(ctx.db, [id])).get(id) ?? null;
      return {
        data: {
          invoice_id: id,
          applied,
          external_invoice: toExternalInvoiceView(external, creditTypeId),
        },
      };
    },
  });
}
