import type { OptionChoice, OptionFields } from "../domain/integrations/option-field.ts";
import { invalid } from "../errors.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { Credential, ProviderConnection } from "./provider-connection.ts";

/** A provider in one of its modes, under the wire's word for it. */
export interface TargetDestination {
  readonly destination: string;
  /** The only environment that it may be used in. */
  readonly environment: ClockName;
  readonly label: string;
}

/** A way to give a credential. */
export interface CredentialType {
  readonly type: string;
  readonly label: string;
  /** Names of the fields without which it is none. */
  readonly required: readonly string[];
}

export interface ValuePage {
  readonly values: readonly OptionChoice[];
  /** Where to go on, in the provider's own words; undefined at the end. */
  readonly next: string | undefined;
}

/** What makes a provider a destination of integration configurations. */
export interface IntegrationTarget {
  /** One for each environment that it works in. */
  readonly destinations: readonly TargetDestination[];
  readonly categories: readonly string[];
  /** The options of its own. */
  readonly options: OptionFields;
  /** Options checked as a whole and completed. Pure; throws AppError naming `configData.<option>`. */
  readOptions(given: Given): Given;
  /** What somebody who saves these options should know. */
  warnOf(options: Given): readonly string[];
  /** How a credential is given; the first is what one is when nobody said. */
  readonly credentialTypes: readonly [CredentialType, ...CredentialType[]];
  readonly credentialFields: OptionFields;
  /** Fields of a credential, checked one by one, in the words that `readCredential` takes. */
  toCredential(fields: Given): Credential;
  /** What of a credential may be shown, so that people know which it is; undefined: nothing. */
  hintOf(credential: Credential): string | undefined;
  /** What can be chosen for an option of its own that has values. Throws ProviderReadError. */
  listValues(
    connection: ProviderConnection,
    option: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ValuePage>;
}

/** Values by the name of their field, as they came or as they are stored. */
export type Given = Readonly<Record<string, unknown>>;

/**
 * The fields that were given, checked; null is as if it was not given. Throws invalid, naming the field
 * behind `prefix`.
 */
export function readGivenFields(fields: OptionFields, given: Given, prefix: string): Given {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw invalid(`unknown field ${prefix}${name}`, `${prefix}${name}`);
    if (value === null) continue;
    const read = field.read(value);
    if ("expected" in read) {
      throw invalid(`${prefix}${name} must be ${read.expected}`, `${prefix}${name}`);
    }
    values[name] = read.value;
  }
  return values;
}

/** What holds where nothing is said. */
export const initialValues = (fields: OptionFields): Given =>
  Object.fromEntries(Object.entries(fields).map(([name, { initial }]) => [name, initial]));

/** As readGivenFields, with what holds for the fields that were not given. */
export const readAllFields = (fields: OptionFields, given: Given, prefix: string): Given => ({
  ...initialValues(fields),
  ...readGivenFields(fields, given, prefix),
});
