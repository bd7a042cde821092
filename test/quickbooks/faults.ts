/** Which faults there are, with the status they come under and the message they carry. */
export const FAULTS = {
  "120": { status: 401, message: "Authorization Failure", type: "AuthorizationFault" },
  "500": { status: 400, message: "Unsupported Operation", type: "ValidationFault" },
  "600": { status: 400, message: "Duplicate Request Id", type: "ValidationFault" },
  "610": { status: 400, message: "Object Not Found", type: "ValidationFault" },
  "620": { status: 400, message: "Transaction cannot be linked", type: "ValidationFault" },
  "2010": {
    status: 400,
    message: "Request has invalid or unsupported property",
    type: "ValidationFault",
  },
  "2020": {
    status: 400,
    message: "Required param missing, need to supply the required value for the API",
    type: "ValidationFault",
  },
  "2030": { status: 400, message: "Invalid ID", type: "ValidationFault" },
  "2040": { status: 400, message: "Invalid String", type: "ValidationFault" },
  "2050": {
    status: 400,
    message: "String length is either shorter or longer than supported by specification",
    type: "ValidationFault",
  },
  "2090": { status: 400, message: "Invalid Number", type: "ValidationFault" },
  "2170": { status: 400, message: "Invalid Enumeration", type: "ValidationFault" },
  "2210": { status: 400, message: "Email Address is Invalid", type: "ValidationFault" },
  "2500": { status: 400, message: "Invalid Reference Id", type: "ValidationFault" },
  "4001": { status: 400, message: "Invalid query", type: "ValidationFault" },
  "5010": { status: 400, message: "Stale Object Error", type: "ValidationFault" },
  "6000": {
    status: 400,
    message: "A business validation error has occurred while processing your request",
    type: "ValidationFault",
  },
  "6070": {
    status: 400,
    message: "Amount is not equal to UnitPrice * Qty",
    type: "ValidationFault",
  },
  "6140": { status: 400, message: "Duplicate Document Number Error", type: "ValidationFault" },
  "6190": { status: 400, message: "Invalid Company Status", type: "ValidationFault" },
  "6210": {
    status: 400,
    message: "Account Period Closed, Cannot Update Through Services API",
    type: "ValidationFault",
  },
  "6240": { status: 400, message: "Duplicate Name Exists Error", type: "ValidationFault" },
  "6430": { status: 400, message: "Invalid account type", type: "ValidationFault" },
  "6540": {
    status: 400,
    message: "Deposited Transaction cannot be changed",
    type: "ValidationFault",
  },
  "10000": { status: 500, message: "An application error has occurred", type: "SystemFault" },
} as const;

export type FaultCode = keyof typeof FAULTS;

/** A refusal of the Accounting API. */
export class QuickBooksFault extends Error {
  override name = "QuickBooksFault";
  readonly code: FaultCode;
  readonly detail: string;
  readonly element: string;

  constructor(code: FaultCode, detail: string, element: string) {
    super(`${code} ${FAULTS[code].message}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.element = element;
  }
}

export function refuse(code: FaultCode, detail: string, element = ""): never {
  throw new QuickBooksFault(code, detail, element);
}

/** As refuse, for the rules that have no code of their own. */
export const refuseByRule = (rule: string, element = ""): never =>
  refuse("6000", `Business Validation Error: ${rule}`, element);

/** What stands under `Fault`. */
export const describeFault = ({ code, detail, element }: QuickBooksFault) => ({
  Error: [{ Message: FAULTS[code].message, Detail: detail, code, element }],
  type: FAULTS[code].type,
});
