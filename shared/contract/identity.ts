/** A person as callers name them: checked before any provider is asked, because a wrong number can cost money there. */
import * as z from "zod/mini";
import { refusal } from "./text.ts";

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkDigits = "10X98765432";

/** True if the 18th character follows from the first 17 (GB 11643-1999: weighted sum modulo 11). */
function checkDigitFits(number: string): boolean {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return checkDigits[sum % 11] === number[17];
}

/** True if characters 7–14 are a day that existed and is not in the future. */
function birthdayExists(number: string): boolean {
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  return same && date.getTime() <= Date.now();
}

/** An ID number of a mainland card: 18 characters, a final x becomes X (the provider refuses the lower-case one). */
export const idCardNumber = z.string().check(
  z.trim(),
  z.toUpperCase(),
  z.refine((text) => /^[1-9]\d{16}[\dX]$/.test(text), {
    ...refusal(
      "must have 18 characters: 17 digits and a digit or X",
      "必须是 18 位：17 位数字加一位数字或 X",
    ),
    abort: true,
  }),
  z.refine(birthdayExists, {
    ...refusal("holds a date of birth that does not exist", "其中的出生日期不存在"),
    abort: true,
  }),
  z.refine(checkDigitFits, refusal("has a wrong check digit", "校验位不正确")),
);

/**
 * Characters that no name has: controls, invisible format characters, half characters, line separators, code points without
 * a meaning, and what decoders put in the place of lost bytes. Private use is none of them: ID cards of rare characters have
 * it. Planes 2 and 3 belong to ideographs, of which this runtime may not know the newest; only their last two code points
 * never become characters.
 */
const NOT_IN_NAMES =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]|(?![\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}])\p{Cn}/u;

/**
 * A name: at most 32 characters (Tencent doc 1007/31816), visible ones. Nothing is folded or normalised: the
 * provider compares, and hashes, the very bytes that were given (a name's middle dot has look-alikes).
 */
export const personName = z.string().check(
  z.trim(),
  z.refine((text) => text.length >= 1 && [...text].length <= 32, {
    ...refusal("must have 1 to 32 characters", "必须有 1 到 32 个字符"),
    abort: true,
  }),
  z.refine(
    (text) => !NOT_IN_NAMES.test(text),
    refusal("holds characters that no name has", "含有姓名中不会有的字符"),
  ),
);
