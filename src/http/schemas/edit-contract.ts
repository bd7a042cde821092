import { type Static, Type } from "typebox";
import type { EditContract } from "../../operations/edit-contract.ts";
import { EDIT_PARTS, UNSUPPORTED_EDITS } from "../edit-parts/index.ts";
import { IdField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const header = {
  customer_id: IdField(),
  contract_id: IdField(),
  uniqueness_key: Type.Optional(NullableField(TextField({ max: 128 }))),
};

/** The body that edits a contract: whose it is, and the fields of every part. */
export const EditContractBody = ObjectField(
  {
    ...header,
    ...Object.fromEntries(EDIT_PARTS.flatMap(({ fields }) => Object.entries(fields))),
  },
  { unsupported: UNSUPPORTED_EDITS },
);

/** An edit as operations take it. */
export function fromEditContract(body: Static<typeof EditContractBody>): EditContract {
  return {
    customerId: body.customer_id,
    contractId: body.contract_id,
    uniquenessKey: body.uniqueness_key ?? null,
    // Each part reads its own fields only, and these were validated by its own schemas.
    changes: EDIT_PARTS.map(({ toChange }) => toChange(body as never)).filter(
      (change) => change !== undefined,
    ),
  };
}
