import { Type } from "typebox";
import { CREDIT_TYPES, findCreditTypeOfCurrency } from "../../domain/credit-type.ts";
import { invalid } from "../../errors.ts";
import type { AccountRequest } from "../../operations/save-account.ts";
import { readOnlyFields } from "../organization/read-only.ts";
import { NameField } from "./create-customer.ts";
import { CustomFieldsField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const ADDRESS_FIELDS = [
  "addressLine1",
  "addressLine2",
  "addressLine3",
  "addressLine4",
  "locality",
  "region",
  "postCode",
  "country",
] as const;

const MAIL_ADDRESS = /^[^\s@]+@[^\s@]+$/;
export const MAX_DAYS_BEFORE_DUE = 365;

const optionalText = (max: number) => Type.Optional(NullableField(TextField({ max })));

/** Facts of an account that nobody sets. */
export const ACCOUNT_READ_ONLY = [
  "id",
  "dtCreated",
  "dtLastModified",
  "createdBy",
  "lastModifiedBy",
] as const;

/** Known to the matched API, and not done here; docs/bills.md says why. */
const UNSUPPORTED = {
  parentAccountId: null,
  billEpoch: null,
  autoGenerateStatementMode: "NONE",
  statementDefinitionId: null,
  creditApplicationOrder: [],
};

const fields = {
  name: NameField(),
  code: optionalText(80),
  emailAddress: optionalText(254),
  address: Type.Optional(
    NullableField(
      ObjectField(
        Object.fromEntries(
          ADDRESS_FIELDS.map((name) => [
            name,
            Type.Optional(NullableField(TextField({ min: 0, max: 255 }))),
          ]),
        ),
      ),
    ),
  ),
  currency: optionalText(3),
  purchaseOrderNumber: optionalText(140),
  daysBeforeBillDue: Type.Optional(
    NullableField(Type.Integer({ minimum: 0, maximum: MAX_DAYS_BEFORE_DUE })),
  ),
  customFields: Type.Optional(NullableField(CustomFieldsField())),
  configData: Type.Optional(
    NullableField(
      ObjectField({
        SendBillsToThirdParties: Type.Optional(
          Type.Unsafe<boolean | "true" | "false">({ enum: ["true", "false", true, false] }),
        ),
      }),
    ),
  ),
};

/** The body that creates an account. */
export const CreateAccount = ObjectField(fields, {
  unsupported: { ...UNSUPPORTED, version: null },
});
/** The body that replaces one: it must carry the version that was read. */
export const ReplaceAccount = ObjectField(
  {
    ...fields,
    ...readOnlyFields(ACCOUNT_READ_ONLY),
    version: Type.Integer({ minimum: 1 }),
  },
  { unsupported: UNSUPPORTED },
);

/** An account as operations take it; what is absent is nothing. Throws invalid, naming the field. */
export function fromAccount(body: Type.Static<typeof CreateAccount>): AccountRequest {
  const { emailAddress = null, currency = null, configData } = body;
  if (emailAddress !== null && !MAIL_ADDRESS.test(emailAddress)) {
    throw invalid("emailAddress must be a mail address", "emailAddress");
  }
  const address = Object.entries((body.address ?? {}) as Record<string, string | null>);
  return {
    name: body.name,
    code: body.code ?? null,
    emailAddress,
    address: Object.fromEntries(
      address.filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== ""),
    ),
    currency: currency === null ? null : readCurrency(currency),
    purchaseOrderNumber: body.purchaseOrderNumber ?? null,
    daysBeforeBillDue: body.daysBeforeBillDue ?? null,
    sendsBills: String(configData?.SendBillsToThirdParties ?? "true") === "true",
    customFields: body.customFields ?? {},
  };
}

function readCurrency(given: string): string {
  const code = given.toUpperCase();
  if (findCreditTypeOfCurrency(code) !== undefined) return code;
  const known = CREDIT_TYPES.map(({ currency }) => currency.code).join(", ");
  throw invalid(`currency must be one that bills can be in: ${known}`, "currency");
}
