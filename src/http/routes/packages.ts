import { type Static, Type } from "typebox";
import { instantText } from "../../domain/time.ts";
import { archivePackage } from "../../operations/archive-package.ts";
import type { OperationContext } from "../../operations/context.ts";
import { createPackage } from "../../operations/create-package.ts";
import { loadProductNames } from "../../operations/load-commit-details.ts";
import { listContractsOnPackage } from "../../store/package-contracts.ts";
import {
  getPackage,
  listPackageAliases,
  listPackages,
  type PackageRow,
} from "../../store/packages.ts";
import { listUnitNames } from "../../store/pricing-units.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { CreatePackageBody, type PackageTerms } from "../schemas/create-package.ts";
import { EnumField, IdField, InstantField, ObjectField, pageQuery } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { fromPackage } from "../schemas/package-contract.ts";
import type { CoreServer } from "../server.ts";
import { present } from "../views/commit.ts";
import { productsOf, toPackageView } from "../views/package.ts";

const tags = ["packages"];
const NOBODY = "00000000-0000-0000-0000-000000000000";
const PackageBody = ObjectField({ package_id: IdField() });

const ListBody = ObjectField({
  archive_filter: Type.Optional(EnumField(["ARCHIVED", "NOT_ARCHIVED", "ALL"])),
});

const ContractsBody = ObjectField({
  package_id: IdField(),
  starting_at: Type.Optional(NullableField(InstantField())),
  covering_date: Type.Optional(NullableField(InstantField())),
  include_archived: Type.Optional(NullableField(Type.Boolean())),
});

function fromCreatePackage(ctx: OperationContext, body: Static<typeof CreatePackageBody>) {
  const hour = ctx.now.round({ smallestUnit: "hour", roundingMode: "floor" });
  return {
    name: body.name,
    aliases: (body.aliases ?? []).map((alias) => ({
      name: alias.name,
      startingAt: alias.starting_at ?? null,
      endingBefore: alias.ending_before ?? null,
    })),
    uniquenessKey: body.uniqueness_key ?? null,
    terms: JSON.stringify(body),
    sample: fromPackage(body, { customer_id: NOBODY, starting_at: instantText(hour) }),
  };
}

async function toViews(ctx: OperationContext, rows: readonly PackageRow[]) {
  const aliases = await listPackageAliases(
    ctx.db,
    rows.map(({ id }) => id),
  );
  const productIds = rows.flatMap(({ terms }) => productsOf(JSON.parse(terms) as PackageTerms));
  const productNames = await loadProductNames(ctx, [...new Set(productIds)]);
  const units = await listUnitNames(ctx.db, ctx.environment.id);
  return rows.map((row) =>
    toPackageView(row, { aliases: aliases.get(row.id) ?? [], productNames, units }),
  );
}

/** Terms that contracts are made of. */
export function addPackageRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/packages/create",
    schema: { tags, summary: "Create a package", body: CreatePackageBody },
    handler: async (request) => {
      const ctx = operationOf(request);
      return { data: { id: await createPackage(ctx, fromCreatePackage(ctx, request.body)) } };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/packages/get",
    schema: { tags, summary: "Get a package", body: PackageBody },
    handler: async (request) => {
      const ctx = operationOf(request);
      const row = await getPackage(ctx.db, ctx.environment.id, request.body.package_id);
      return { data: (await toViews(ctx, [row]))[0] };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/packages/list",
    schema: {
      tags,
      summary: "List packages",
      querystring: ObjectField(pageQuery),
      body: NullableField(ListBody),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const wanted = request.body?.archive_filter ?? "NOT_ARCHIVED";
      const limit = request.query.limit ?? 100;
      const rows = await listPackages(ctx.db, {
        environmentId: ctx.environment.id,
        archived: wanted === "ALL" ? undefined : wanted === "ARCHIVED",
        after: fromPageToken(request.query.next_page),
        limit: limit + 1,
      });
      const page = toPage(rows, limit);
      return { data: await toViews(ctx, page.rows), next_page: toPageToken(page.next) };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/packages/archive",
    schema: { tags, summary: "Archive a package", body: PackageBody },
    handler: async (request) => {
      const { package_id: id } = request.body;
      await archivePackage(operationOf(request), id);
      return { data: { id } };
    },
  });

  addContractsRoute(http);
}

function addContractsRoute(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/packages/listContractsOnPackage",
    config: { codes: true },
    schema: {
      tags,
      summary: "List the contracts made of a package",
      querystring: ObjectField(pageQuery),
      body: ContractsBody,
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { body } = request;
      await getPackage(ctx.db, ctx.environment.id, body.package_id);
      const limit = request.query.limit ?? 100;
      const rows = await listContractsOnPackage(ctx.db, {
        packageId: body.package_id,
        includeArchived: body.include_archived ?? false,
        startingFrom: body.starting_at ?? undefined,
        coveringAt: body.covering_date ?? undefined,
        after: fromPageToken(request.query.next_page),
        limit: limit + 1,
      });
      const page = toPage(rows, limit);
      return {
        data: page.rows.map((row) => ({
          customer_id: row.customer_id,
          contract_id: row.id,
          starting_at: row.starting_at,
          ...present({ ending_before: row.ending_before, archived_at: row.archived_at }),
        })),
        next_page: toPageToken(page.next),
      };
    },
  });
}
