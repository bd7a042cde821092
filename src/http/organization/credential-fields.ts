import { type TOptional, type TUnsafe, Type } from "typebox";
import type { CredentialRequest } from "../../operations/change-integration-credentials.ts";
import type { Services } from "../../operations/context.ts";
import { listDestinations } from "../../operations/find-destination.ts";
import { TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";

const COMMON = ["type", "name", "destination", "empty"];

/** The fields of any provider's credentials; which of them one takes is for its provider to say. */
export function providerCredentialFields({ providers }: Pick<Services, "providers">) {
  const names = listDestinations(providers).flatMap(({ target }) =>
    Object.entries(target.credentialFields),
  );
  const fields = names.map(([name, { description, maxLength = 1024 }]) => [
    name,
    Type.Optional(
      Type.Unsafe<string | null>({
        ...TextField({ min: 0, max: maxLength }),
        type: ["string", "null"],
        description,
      }),
    ),
  ]);
  return Object.fromEntries(fields) as Record<string, TOptional<TUnsafe<string | null>>>;
}

/** A credential inside of another request. */
export const credentialFields = (services: Pick<Services, "providers">) => ({
  ...providerCredentialFields(services),
  type: TextField({ max: 64 }),
  name: Type.Optional(NullableField(TextField({ max: 200 }))),
  destination: Type.Optional(TextField({ max: 64 })),
  empty: Type.Optional(Type.Boolean()),
});

/** A credential as it was sent, its provider's fields apart from those that all have. */
export const toCredentialRequest = (
  sent: Readonly<Record<string, unknown>>,
  destination: string,
): CredentialRequest => ({
  type: String(sent.type),
  name: typeof sent.name === "string" ? sent.name : undefined,
  destination: typeof sent.destination === "string" ? sent.destination : destination,
  fields: Object.fromEntries(Object.entries(sent).filter(([name]) => !COMMON.includes(name))),
});
