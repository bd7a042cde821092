import { AppError } from "../../errors.ts";

/** The one kind of thing that integrations send. */
export const BILL = "Bill";

/** The entity type, in any case. Throws unsupported for all that integrations do not send. */
export function readEntityType(given: string): typeof BILL {
  if (given.toUpperCase() === BILL.toUpperCase()) return BILL;
  throw new AppError(
    "unsupported",
    "unsupported",
    `entityType ${given} is not supported yet: integrations send entities of type ${BILL} only`,
    { field: "entityType" },
  );
}
