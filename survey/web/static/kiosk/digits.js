// @ts-check
// Digits of other scripts, which residents may type: as Python reads them.

const DIGIT = /\p{Nd}/u;

/**
 * A text with every decimal digit of any script as one of 0 to 9.
 * @param {string} text
 */
export function plainDigits(text) {
  return text.replace(/\p{Nd}/gu, (digit) => String(value(digit)));
}

/**
 * Ten digits follow each other, from a code point that ends in 0 or in 6; those of mathematics, where that
 * does not hold, are plain ones in another dress.
 * @param {string} digit
 */
function value(digit) {
  const plain = digit.normalize("NFKC").codePointAt(0) ?? 0;
  const row = plain & ~0xf;
  return (plain & 0xf) - (DIGIT.test(String.fromCodePoint(row)) ? 0 : 6);
}
