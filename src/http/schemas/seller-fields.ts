import { type Static, Type } from "typebox";
import { invalid } from "../../errors.ts";
import { imageTypeOf, isPrintableImage } from "../../platform/pdf/check-image.ts";
import type { Seller, SellerChanges } from "../../store/seller.ts";
import { ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const MAX_LOGO_BYTES = 200_000;
const DATA_URL = /^data:image\/(png|jpeg);base64,([A-Za-z0-9+/]+={0,2})$/;

const Fields = ObjectField({
  name: Type.Optional(NullableField(TextField({ max: 200 }))),
  address_lines: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 10 })),
  ),
  tax_id: Type.Optional(NullableField(TextField({ max: 100 }))),
  email: Type.Optional(NullableField(TextField({ max: 254 }))),
  /** A data: URL of a PNG or JPEG. */
  logo: Type.Optional(NullableField(TextField({ max: 400_000 }))),
});

/** Who invoices are from: fields that are given change, null clears one, or all of them. */
export const SellerField = Type.Optional(NullableField(Fields));

type GivenSeller = Static<typeof Fields>;

function checkLogo(url: string): void {
  const [, type, text] = DATA_URL.exec(url) ?? [];
  const say = (message: string) => invalid(message, "seller.logo");
  if (text === undefined || text.length % 4 !== 0) {
    throw say("seller.logo must be a data: URL of a PNG or JPEG in base64");
  }
  const bytes = Buffer.from(text, "base64");
  if (bytes.length > MAX_LOGO_BYTES) {
    throw say(`seller.logo must have at most ${MAX_LOGO_BYTES} bytes, not ${bytes.length}`);
  }
  if (imageTypeOf(bytes) !== type) {
    throw say(`seller.logo says that it is image/${type}, its content is not`);
  }
  if (!isPrintableImage(bytes)) {
    throw say(
      "seller.logo cannot be read, or has more than 4096 pixels a side or 4 million in all",
    );
  }
}

/** What a request changes of the seller, checked; undefined: nothing. */
export function toSellerChanges(
  given: GivenSeller | null | undefined,
): SellerChanges | null | undefined {
  if (given === null || given === undefined) return given;
  const { email, logo } = given;
  if (typeof email === "string" && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalid("seller.email must be a mail address", "seller.email");
  }
  if (typeof logo === "string") checkLogo(logo);
  return given;
}

/** The seller as the settings show it, null when nothing is told. */
export const toSellerView = (seller: Seller | null) =>
  seller === null
    ? null
    : {
        name: seller.name ?? null,
        address_lines: seller.address_lines ?? [],
        tax_id: seller.tax_id ?? null,
        email: seller.email ?? null,
        logo: seller.logo ?? null,
      };
