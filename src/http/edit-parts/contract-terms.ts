import { Type } from "typebox";
import { instant } from "../../domain/time.ts";
import { changeContractTerms } from "../../operations/change-contract-terms.ts";
import { moveContractEnd } from "../../operations/move-contract-end.ts";
import { InstantField, TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { editPart } from "./edit-part.ts";

/** The contract's name; null: none. */
export const updateNamePart = editPart({
  fields: { update_contract_name: Type.Optional(NullableField(TextField({ max: 1024 }))) },
  toChange: ({ update_contract_name: name }) =>
    name === undefined
      ? undefined
      : {
          apply: (scope) => changeContractTerms(scope, { name }),
          record: () => ({ update_contract_name: name }),
        },
});

/** Days until invoices are due; null: not said. */
export const updatePaymentTermsPart = editPart({
  fields: {
    update_net_payment_terms_days: Type.Optional(
      NullableField(Type.Integer({ minimum: 0, maximum: 3650 })),
    ),
  },
  toChange: ({ update_net_payment_terms_days: days }) =>
    days === undefined
      ? undefined
      : {
          apply: (scope) => changeContractTerms(scope, { net_payment_terms_days: days }),
          record: () => ({ update_net_payment_terms_days: days }),
        },
});

/** The contract's end; null: it is without end. */
export const updateEndPart = editPart({
  fields: {
    update_contract_end_date: Type.Optional(NullableField(InstantField({ onHour: true }))),
    allow_contract_ending_before_finalized_invoice: Type.Optional(NullableField(Type.Boolean())),
  },
  toChange: ({
    update_contract_end_date: end,
    allow_contract_ending_before_finalized_invoice: allowed,
  }) =>
    end === undefined
      ? undefined
      : {
          apply: ({ tx, ctx, contract }) =>
            moveContractEnd(tx, ctx, contract, {
              endingBefore: end === null ? null : instant(end),
              beforeFinalizedInvoice: allowed ?? true,
              field: "update_contract_end_date",
            }),
          record: () => ({ update_contract_end_date: end }),
        },
});
