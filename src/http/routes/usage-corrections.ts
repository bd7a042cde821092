import { Type } from "typebox";
import { correctInvoiceNow } from "../../operations/correct-now.ts";
import { readCorrections } from "../../operations/read-corrections.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toCorrectionView } from "../views/usage-correction.ts";

const tags = ["invoices"];
const params = ObjectField({ id: IdField() });

/** Late usage of final invoices, and how it was billed. */
export function addUsageCorrectionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/invoices/:id/correct",
    config: { oneSnapshot: true },
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Bill the late usage of a final invoice now, or preview that",
      params,
      body: ObjectField({
        policy: Type.Optional(EnumField(["supplementary", "credit_note"])),
        preview: Type.Optional(Type.Boolean()),
      }),
    },
    handler: async (request) => {
      const { policy, preview = false } = request.body;
      const { id } = request.params;
      const parts = await correctInvoiceNow(operationOf(request), id, { policy, preview });
      return { data: parts === undefined ? null : toCorrectionView(parts) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/corrections",
    schema: { tags, summary: "How late usage of an invoice was billed, oldest first", params },
    handler: async (request) => {
      const all = await readCorrections(operationOf(request), request.params.id);
      return { data: all.map(toCorrectionView) };
    },
  });
}
