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
  if (key in en) return t(key, { n: problem.retry_after })
  if (problem.status === 401) return t('problem_not_signed_in')
  return problem.detail ? inEnglish(problem.detail, 'problem_other') : t('problem_away')
}

/** A sentence of the API; to those who read another language, behind one of ours. */
export const inEnglish = (sentence, ours) => (language === 'en' ? sentence : `${t(ours)} (${sentence})`)
