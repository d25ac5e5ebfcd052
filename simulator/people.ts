/** An invented person. */
export interface Person {
  readonly name: string;
  /** Eighteen characters with a correct check digit (GB 11643); the number belongs to nobody. */
  readonly idCard: string;
}

/** The person who shows an ID card when the token was issued without an identity. */
export const CARD_OWNER: Person = { name: "张三", idCard: "110101199003070070" };

/** The person in front of the camera when the outcome is `other-person`. */
export const OTHER_PERSON: Person = { name: "李四", idCard: "110101198506150035" };
