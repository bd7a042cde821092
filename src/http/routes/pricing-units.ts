import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { archivePricingUnit } from "../../operations/archive-pricing-unit.ts";
import { createPricingUnit } from "../../operations/create-pricing-unit.ts";
import { listPricingUnits } from "../../store/pricing-units.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const DEFAULT_LIMIT = 100;
const tags = ["pricing units"];

/** Every currency with its place in the list; units of the environment follow. */
const CURRENCIES = CREDIT_TYPES.map(({ id, name }, place) => ({
  view: { id, name, is_currency: true },
  position: BigInt(place + 1),
}));
const UNITS_FROM = BigInt(CURRENCIES.length);

/** What amounts can be in: currencies, and units of the environment's own. */
export function addPricingUnitRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/credit-types/list",
    schema: {
      tags,
      summary: "List the currencies and pricing units that amounts can be in",
      querystring: ObjectField(pageQuery),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const after = fromPageToken(token) ?? 0n;
      const units = await listPricingUnits(db, {
        environmentId: environment.id,
        after: after > UNITS_FROM ? after - UNITS_FROM : 0n,
        limit: limit + 1,
      });
      const rows = [
        ...CURRENCIES.filter(({ position }) => position > after),
        ...units.map(({ id, name, position }) => ({
          view: { id, name, is_currency: false },
          position: position + UNITS_FROM,
        })),
      ];
      const page = toPage(rows.slice(0, limit + 1), limit);
      return { data: page.rows.map(({ view }) => view), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/credit-types/create",
    schema: {
      tags,
      summary: "Create a custom pricing unit",
      body: ObjectField({ name: TextField({ max: 200 }) }),
    },
    handler: async (request) => ({
      data: { id: await createPricingUnit(operationOf(request), request.body.name) },
    }),
  });
  http.route({
    method: "POST",
    url: "/v1/credit-types/archive",
    schema: {
      tags,
      summary: "Archive a custom pricing unit",
      body: ObjectField({ id: IdField() }),
    },
    handler: async (request) => {
      await archivePricingUnit(operationOf(request), request.body.id);
      return { data: { id: request.body.id } };
    },
  });
}
