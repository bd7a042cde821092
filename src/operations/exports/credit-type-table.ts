import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { PRICING_UNIT } from "../../store/exports/customer-tables.ts";
import type { ExportTable } from "./export-table.ts";
import { sqlExportTable } from "./sql-export-table.ts";

const units = sqlExportTable(PRICING_UNIT, "incremental");

/** Currencies, which never change, in the first export; pricing units whenever they change. */
export const creditTypeTable: ExportTable = {
  ...units,
  async read(ctx, query) {
    const isFirst = query.after === undefined && query.window?.start === undefined;
    if (!isFirst) return units.read(ctx, query);
    return { rows: CREDIT_TYPES.map(({ id, name }) => [id, name, true, null, null]), next: [0] };
  },
};
