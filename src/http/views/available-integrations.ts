import { BILL_OPTIONS, GLOBAL_OPTIONS } from "../../domain/integrations/bill-options.ts";
import type { OptionField, OptionFields } from "../../domain/integrations/option-field.ts";
import type { OperationContext } from "../../operations/context.ts";
import { type Destination, unusableReason } from "../../operations/find-destination.ts";
import { BILL } from "../organization/entity-types.ts";

const toOptionView = ([name, field]: [string, OptionField]) => ({
  name,
  label: field.label,
  description: field.description,
  type: field.type,
  default: field.initial,
  choices: field.choices ?? null,
  hasValues: field.hasValues ?? field.choices !== undefined,
  maxLength: field.maxLength ?? null,
});

/** Options as a page can render them. */
export const toOptionViews = (fields: OptionFields) => Object.entries(fields).map(toOptionView);

/** How a credential for the destination is given: one entry for each way. */
export const toAuthViews = ({ target }: Destination) =>
  target.credentialTypes.map(({ type, label, required }) => ({
    authType: type,
    label,
    options: toOptionViews(target.credentialFields).map((option) => ({
      ...option,
      required: required.includes(option.name),
    })),
  }));

/** A destination with its own options; `selectable` says whether this environment may use it. */
export const toDestinationView =
  ({ environment }: Pick<OperationContext, "environment">) =>
  (destination: Destination) => {
    const selectable = destination.environment === environment.name;
    return {
      destination: destination.destination,
      label: destination.label,
      environment: destination.environment,
      selectable,
      reason: selectable ? null : unusableReason(destination),
      released: true,
      categories: destination.target.categories,
      authType: destination.target.credentialTypes[0].type,
      authConfigOptions: toAuthViews(destination),
      destinationConfigOptions: toOptionViews(destination.target.options),
    };
  };

/** All that can be configured, from one table with what is checked. */
export const toAvailableView = (
  scope: Pick<OperationContext, "environment">,
  destinations: readonly Destination[],
) => ({
  globalConfigurationOptions: toOptionViews(GLOBAL_OPTIONS),
  supportedEntities: {
    [BILL]: {
      entityConfigurationOptions: toOptionViews(BILL_OPTIONS),
      destinations: destinations.map(toDestinationView(scope)),
    },
  },
});
