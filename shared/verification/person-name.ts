/**
 * Whether two spellings are the same name. The number is the identity; a name beside it may come back in another known
 * spelling: from another system, through another encoding, typed on another keyboard.
 */

/**
 * The ideographs that GBK put into Unicode's private use area, in the order of its code points from U+E815 (GBK FE50) to
 * U+E864 (FEA0). The last 24 of them have code points of their own since GB 18030-2022; the whole list is in issue 27 of
 * whatwg/encoding.
 */
const FORMER_PRIVATE_USE = [
  "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟",
  "㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱",
  "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟",
  "䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
].flatMap((row) => [...row]);
const FIRST_PRIVATE_USE = 0xe815;

const privateUseOf: ReadonlyMap<string, string> = new Map(
  FORMER_PRIVATE_USE.map((character, index) => [character, String.fromCodePoint(FIRST_PRIVATE_USE + index)]),
);

/**
 * What is written for the dot between the parts of a name: middle dot (that of identity cards), bullet, hyphenation point,
 * bullet operator, dot operator, katakana middle dot in both widths, word separator, raised dot, full stop in both widths.
 */
const MIDDLE_DOTS = [..."\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u2e31\u2e33.\uff0e"];
const anyMiddleDot = new RegExp(`[${MIDDLE_DOTS.join("")}]`, "gu");

/** White space, and characters that show nothing, such as variation selectors. */
const BLANKS = /[\s\p{Default_Ignorable_Code_Point}]/gu;

const toAssigned = (text: string): string =>
  text.replace(
    /[\ue815-\ue864]/g,
    (character) => FORMER_PRIVATE_USE[character.charCodeAt(0) - FIRST_PRIVATE_USE] ?? character,
  );

const toPrivateUse = (text: string): string =>
  [...text].map((character) => privateUseOf.get(character) ?? character).join("");

/** One spelling for all: width and compatibility forms by NFKC, letter case by both mappings, as ß and ſ need. */
const fold = (name: string): string =>
  toAssigned(name)
    .normalize("NFKC")
    .replace(BLANKS, "")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC")
    .replace(anyMiddleDot, "\u00b7");

/**
 * True if both are spellings of one name. They may differ in middle dots, blanks, letter case, width, normal form, and in
 * rare characters that older systems keep in Unicode's private use area.
 *
 * @example sameName("阿·明", "阿•明") // true
 */
export const sameName = (one: string, other: string): boolean => fold(one) === fold(other);

/** The known spellings of a name, itself first: what a hash of it may be of. */
export function spellingsOf(name: string): readonly string[] {
  const forms: readonly ((text: string) => readonly string[])[] = [
    (text) => [text, text.trim(), text.replace(BLANKS, "")],
    (text) => [text, text.normalize("NFC"), text.normalize("NFD"), text.normalize("NFKC")],
    (text) => [text, text.toUpperCase(), text.toLowerCase()],
    (text) => [text, toAssigned(text), toPrivateUse(text)],
    (text) => [
      text,
      ...(text.search(anyMiddleDot) < 0 ? [] : MIDDLE_DOTS.map((dot) => text.replace(anyMiddleDot, dot))),
    ],
  ];
  let spellings: readonly string[] = [name];
  for (const formsOf of forms) spellings = [...new Set(spellings.flatMap(formsOf))];
  return spellings;
}
