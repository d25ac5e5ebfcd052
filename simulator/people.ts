/** An invented person. */
export interface Person {
  readonly name: string;
  /** Eighteen characters with a right check digit (GB 11643); nobody's. */
  readonly idCard: string;
}

/** Who shows an ID card when the caller named nobody. */
export const CARD_HOLDER: Person = { name: "张三", idCard: "110101199003070070" };

/** Who is in front of the camera when the outcome is `other-person`. */
export const OTHER_PERSON: Person = { name: "李四", idCard: "110101198506150035" };
