/** Invented people for tests: each call somebody new, so that limits per person do not meet. */
import { randomInt } from "node:crypto";

/** Somebody, as a token request names them. */
export interface Identity {
  readonly name: string;
  readonly idCardNumber: string;
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The 17 digits with the check character that GB 11643-1999 gives them. */
export function withCheckDigit(digits: string): string {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return `${digits}${"10X98765432"[sum % 11]}`;
}

let counted = 0;

/** Somebody new, with a name that no other text of the project holds. */
export function somebody(): Identity {
  counted += 1;
  const day = `${1950 + randomInt(50)}${String(1 + randomInt(12)).padStart(2, "0")}${String(1 + randomInt(28)).padStart(2, "0")}`;
  return {
    name: `测试甲${[...String(counted)].map((digit) => "零一二三四五六七八九"[Number(digit)]).join("")}`,
    idCardNumber: withCheckDigit(`110101${day}${String(randomInt(1000)).padStart(3, "0")}`),
  };
}
