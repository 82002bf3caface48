// The language of the page, and its texts. Two forms: for one, and for any other number.

import { de } from './texts.de.js'
import { en } from './texts.en.js'

const STORED = 'language'
const LANGUAGES = { de, en }

export const language = localStorage.getItem(STORED) ?? (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en')

export const setLanguage = (chosen) => localStorage.setItem(STORED, chosen)

/** A text of the page, with its numbers and names filled in. */
export function t(key, values = {}) {
  const found = LANGUAGES[language]?.[key] ?? en[key] ?? key
  const text = Array.isArray(found) ? found[values.n === 1 ? 0 : 1] : found
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

/** What a code of the API means: our text for it, or else its words. */
export const meaning = (kind, code) => (`${kind}_${code}` in en ? t(`${kind}_${code}`) : code.replaceAll('_', ' '))

/** What a refusal of the API means: our text for its code, or else the sentence of the API. */
export function explained(problem) {
  const key = `problem_${problem.code}`
  const known = LANGUAGES[language]?.[key]
  return known ? t(key, { n: problem.retry_after }) : problem.detail ?? t('problem_away')
}
