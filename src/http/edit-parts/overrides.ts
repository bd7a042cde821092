import type { Static } from "typebox";
import { addOverridesTo } from "../../operations/add-to-contract.ts";
import type { ContractChange } from "../../operations/edit-contract.ts";
import { removeOverrides } from "../../operations/remove-overrides.ts";
import { fromOverride, OverrideField } from "../schemas/override-fields.ts";
import { toOverrideView } from "../views/override.ts";
import { editPart, many, pick, RemovalField } from "./edit-part.ts";

/** New overrides. `field` is what the request calls them. */
export function toAddOverrides(
  overrides: readonly Static<ReturnType<typeof OverrideField>>[],
  field: string,
): ContractChange<string[]> | undefined {
  if (overrides.length === 0) return undefined;
  const terms = overrides.map((override, n) => fromOverride(override, `${field}[${n}].`));
  return {
    apply: (scope) => addOverridesTo(scope, terms, field),
    record: (ids, after) => ({
      add_overrides: pick(after.overrides, ids, ({ row }) => row.id).map(toOverrideView),
    }),
  };
}

export const addOverridesPart = editPart({
  fields: { add_overrides: many(OverrideField()) },
  toChange: ({ add_overrides: overrides = [] }) => toAddOverrides(overrides, "add_overrides"),
});

/** Overrides that no longer hold. */
export const removeOverridesPart = editPart({
  fields: { remove_overrides: many(RemovalField) },
  toChange: ({ remove_overrides: overrides = [] }) =>
    overrides.length === 0
      ? undefined
      : {
          apply: (scope) =>
            removeOverrides(
              scope,
              overrides.map(({ id }) => id),
            ),
          record: () => ({ remove_overrides: overrides }),
        },
});
