// Money, times and names as the reader's language writes them.

import { language } from './texts.js'

/** An amount in the currency's smallest unit. */
export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency })
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
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
