import { Type } from "typebox";
import { BILL_OPTIONS, GLOBAL_OPTIONS } from "../../domain/integrations/bill-options.ts";
import type { OptionFields } from "../../domain/integrations/option-field.ts";
import { invalid } from "../../errors.ts";
import type { ConfigurationRequest } from "../../operations/change-integration-configurations.ts";
import type { Services } from "../../operations/context.ts";
import { listDestinations } from "../../operations/find-destination.ts";
import { IdField, ObjectField, TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { credentialFields, toCredentialRequest } from "./credential-fields.ts";
import { readEntityType } from "./entity-types.ts";

export const DestinationField = () => TextField({ max: 64 });
export const EntityTypeField = () => TextField({ max: 64 });

/** Options are described here and checked by the table that describes them: their form is theirs. */
const ConfigDataField = (fields: OptionFields) =>
  Type.Unsafe<Record<string, unknown>>({
    type: ["object", "null"],
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, { description, initial }]) => [
        name,
        { description, default: initial },
      ]),
    ),
  });

/** The fields of a rule, with every option that some destination takes. */
export const configurationFields = (services: Pick<Services, "providers">) => {
  const targets = listDestinations(services.providers).map(({ target }) => target);
  const own = Object.assign({}, ...targets.map(({ options }) => options)) as OptionFields;
  return {
    entityType: EntityTypeField(),
    destination: DestinationField(),
    name: Type.Optional(NullableField(TextField({ max: 200 }))),
    configData: Type.Optional(ConfigDataField({ ...GLOBAL_OPTIONS, ...BILL_OPTIONS, ...own })),
    exclusiveGroup: Type.Optional(NullableField(TextField({ max: 100 }))),
    integrationCredentialsId: Type.Optional(NullableField(IdField())),
    destinationId: Type.Optional(NullableField(IdField())),
    credentials: Type.Optional(NullableField(ObjectField(credentialFields(services)))),
  };
};

export interface ConfigurationBody {
  readonly entityType: string;
  readonly destination: string;
  readonly name?: string | null;
  readonly configData?: Readonly<Record<string, unknown>> | null;
  readonly exclusiveGroup?: string | null;
  readonly integrationCredentialsId?: string | null;
  readonly destinationId?: string | null;
  readonly credentials?: Parameters<typeof toCredentialRequest>[0] | null;
}

/** Both fields name the credential, so they must not name two. */
function readCredentialId({
  integrationCredentialsId: id,
  destinationId: other,
}: ConfigurationBody) {
  if (id && other && id !== other) {
    throw invalid(
      "destinationId must be absent or the same as integrationCredentialsId",
      "destinationId",
    );
  }
  return id ?? other ?? undefined;
}

/** The rule that a request asks for. Throws invalid. */
export const toConfigurationRequest = (body: ConfigurationBody): ConfigurationRequest => ({
  entityType: readEntityType(body.entityType),
  destination: body.destination,
  name: body.name ?? undefined,
  configData: body.configData ?? {},
  // "EU" and "EU " must not be two groups: a bill would be sent twice.
  exclusiveGroup: body.exclusiveGroup?.trim() || null,
  credentialId: readCredentialId(body),
  credential:
    body.credentials && body.credentials.empty !== true
      ? toCredentialRequest(body.credentials, body.destination)
      : undefined,
});
