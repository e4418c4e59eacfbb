// What was typed with the wrong keyboard layout: "ghbdtn" was meant as "привет", "руддщ" as "hello".

const LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
const CYRILLIC = 'ёйцукенгшщзхъфывапролджэячсмитьбю'

const OTHER = new Map<string, string>()
for (let at = 0; at < LATIN.length; at++) {
  const latin = LATIN.charAt(at)
  const cyrillic = CYRILLIC.charAt(at)
  OTHER.set(latin, cyrillic).set(cyrillic, latin)
  if (/[a-z]/.test(latin)) OTHER.set(latin.toUpperCase(), cyrillic.toUpperCase())
  OTHER.set(cyrillic.toUpperCase(), /[a-z]/.test(latin) ? latin.toUpperCase() : latin)
}

/** The same keys on the other layout; null where it would be no word, or the text was in both alphabets. */
export function otherLayout(text: string): string | null {
  const latin = /[a-z]/i.test(text)
  const cyrillic = /[а-яё]/i.test(text)
  if (latin === cyrillic) return null
  const other = Array.from(text, (letter) => OTHER.get(letter) ?? letter).join('')
  return other === text ? null : other
}
