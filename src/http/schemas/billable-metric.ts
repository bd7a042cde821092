import { type Static, Type } from "typebox";
import type { EventTypeFilter, Metric } from "../../domain/metering/metric.ts";
import { unsupported } from "../../errors.ts";
import type { CreateMetric } from "../../operations/create-billable-metric.ts";
import { CustomFieldsField, EnumField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const PropertyName = () => TextField({ max: 200 });
const Values = () =>
  Type.Optional(NullableField(Type.Array(TextField({ min: 0 }), { minItems: 1, maxItems: 1000 })));

/** What creating a metric takes. Archived ones and their rule never change. */
export const CreateMetricBody = ObjectField(
  {
    name: TextField({ max: 1024 }),
    aggregation_type: Type.Optional(EnumField(["COUNT", "SUM", "MAX", "LATEST", "UNIQUE"])),
    aggregation_key: Type.Optional(NullableField(PropertyName())),
    event_type_filter: Type.Optional(
      NullableField(ObjectField({ in_values: Values(), not_in_values: Values() })),
    ),
    property_filters: Type.Optional(
      NullableField(
        Type.Array(
          ObjectField({
            name: PropertyName(),
            exists: Type.Optional(NullableField(Type.Boolean())),
            in_values: Values(),
            not_in_values: Values(),
          }),
          { maxItems: 200 },
        ),
      ),
    ),
    group_keys: Type.Optional(
      NullableField(
        Type.Array(Type.Array(PropertyName(), { minItems: 1, maxItems: 20, uniqueItems: true }), {
          maxItems: 50,
        }),
      ),
    ),
    custom_fields: Type.Optional(CustomFieldsField()),
  },
  { unsupported: { sql: null } },
);

/** Reads a checked body. Throws unsupported without aggregation_type: only SQL metrics have none. */
export function fromCreateMetricBody(body: Static<typeof CreateMetricBody>): CreateMetric {
  if (body.aggregation_type === undefined) throw unsupported("a metric without aggregation_type");
  return {
    name: body.name,
    aggregation: body.aggregation_type,
    aggregationKey: body.aggregation_key ?? null,
    eventTypeFilter: fromEventTypeFilter(body.event_type_filter),
    propertyFilters: (body.property_filters ?? []).map(({ name, exists, ...values }) => ({
      name,
      ...(exists == null ? {} : { exists }),
      ...fromValues(values),
    })),
    groupKeys: body.group_keys ?? [],
    customFields: body.custom_fields,
  };
}

interface ValuesBody {
  readonly in_values?: string[] | null;
  readonly not_in_values?: string[] | null;
}

const fromValues = ({ in_values, not_in_values }: ValuesBody): EventTypeFilter => ({
  ...(in_values == null ? {} : { inValues: in_values }),
  ...(not_in_values == null ? {} : { notInValues: not_in_values }),
});

function fromEventTypeFilter(filter: ValuesBody | null | undefined): Metric["eventTypeFilter"] {
  if (filter == null) return null;
  const values = fromValues(filter);
  return Object.keys(values).length === 0 ? null : values;
}
