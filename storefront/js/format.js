// Money, times and names as the reader's language writes them.

import { language } from './texts.js'

// ISO 4217, as the shop counts. Browsers count some currencies by what is paid in cash: forints without decimals.
const WITHOUT_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')
const WITH_THREE = 'BHD IQD JOD KWD LYD OMR TND'.split(' ')

/** An amount in the currency's smallest unit. */
export function money({ amount, currency }) {
  const digits = WITHOUT_DECIMALS.includes(currency) ? 0 : WITH_THREE.includes(currency) ? 3 : 2
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(language, format).format(amount / 10 ** digits)
}

/** A time with its zone. */
export function time(text) {
  const format = { dateStyle: 'medium', timeStyle: 'short' }
  return new Intl.DateTimeFormat(language, format).format(new Date(text))
}

/** Hours, minutes and seconds. */
export function clock(text) {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(new Date(text))
}

/** The name of a country. */
export function country(code) {
  return new Intl.DisplayNames([language], { type: 'region' }).of(code)
}
