import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import {
  NO_GATE,
  PAYMENT_METHODS,
  type PaymentGate,
  type PrecalculatedTax,
} from "../../domain/payments/payment-gate.ts";
import { invalid, unsupported } from "../../errors.ts";
import { DecimalField, EnumField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

/** What a provider's metadata holds (Stripe docs: "Metadata"); three keys are ours. */
const MAX_METADATA = 47;
const OWN_METADATA = /^(metronome_id|ledgerline_)/;

/** What has to happen before a commit may be burned. */
export const PaymentGateField = () =>
  ObjectField({
    payment_gate_type: EnumField(["NONE", "STRIPE", "EXTERNAL"]),
    tax_type: Type.Optional(
      NullableField(EnumField(["NONE", "STRIPE", "ANROK", "AVALARA", "PRECALCULATED"])),
    ),
    stripe_config: Type.Optional(
      NullableField(
        ObjectField({
          payment_type: Type.Optional(NullableField(EnumField(PAYMENT_METHODS))),
          invoice_metadata: Type.Optional(
            NullableField(
              Type.Record(
                Type.String({ minLength: 1, maxLength: 40 }),
                TextField({ min: 0, max: 500 }),
                { maxProperties: MAX_METADATA },
              ),
            ),
          ),
          on_session_payment: Type.Optional(NullableField(Type.Boolean())),
        }),
      ),
    ),
    precalculated_tax_config: Type.Optional(
      NullableField(
        ObjectField({
          tax_amount: DecimalField({ minimum: "0" }),
          tax_name: Type.Optional(NullableField(TextField({ max: 250 }))),
        }),
      ),
    ),
  });

type GateBody = Static<ReturnType<typeof PaymentGateField>>;

/** A gate as operations take it. `path`: "commits[0].payment_gate_config". Throws invalid. */
export function fromPaymentGate(body: GateBody, path: string): PaymentGate {
  const { payment_gate_type: type, stripe_config: config } = body;
  const isStripe = type === "STRIPE";
  if (config != null && !isStripe) {
    throw invalid(`${path}.stripe_config is for payment_gate_type STRIPE`, `${path}.stripe_config`);
  }
  const method = config?.payment_type ?? "INVOICE";
  const metadata = config?.invoice_metadata ?? {};
  checkMetadata(metadata, method, `${path}.stripe_config.invoice_metadata`);
  return {
    ...NO_GATE,
    type: isStripe ? "PROVIDER" : type,
    provider: isStripe ? "stripe" : null,
    method,
    metadata,
    isOnSession: config?.on_session_payment ?? false,
    tax: fromTax(body, path),
  };
}

function checkMetadata(
  metadata: Readonly<Record<string, string>>,
  method: PaymentGate["method"],
  path: string,
): void {
  const keys = Object.keys(metadata);
  if (method !== "INVOICE" && keys.length > 0) {
    throw invalid(`${path} is for payment_type INVOICE`, path);
  }
  const own = keys.find((key) => OWN_METADATA.test(key));
  if (own !== undefined) throw invalid(`${path}.${own} is set by the server`, `${path}.${own}`);
}

function fromTax(body: GateBody, path: string): PrecalculatedTax | null {
  const { precalculated_tax_config: config } = body;
  const type = body.tax_type ?? "NONE";
  const field = `${path}.precalculated_tax_config`;
  if (type !== "NONE" && type !== "PRECALCULATED") throw unsupported(`${path}.tax_type ${type}`);
  if ((type === "PRECALCULATED") !== (config != null)) {
    throw invalid(`${field} is for tax_type PRECALCULATED, which needs it`, field);
  }
  if (config == null) return null;
  if (body.payment_gate_type === "NONE") {
    throw invalid(`${path}.tax_type PRECALCULATED needs a payment gate`, `${path}.tax_type`);
  }
  return { amount: dec(config.tax_amount), name: config.tax_name ?? null };
}
